// The small vocabulary in which the deciders are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/decide.hpp"

namespace pesan {

/// What a decider is given.
struct Question {
  const State& state;
  const Command& command;
  const Moment& moment;
  Scratch& scratch;

  bool by_user() const { return command.actor.type == ActorType::user; }
};

inline std::unexpected<Rejection> reject(Code code, std::vector<Detail> details = {}) {
  return std::unexpected<Rejection>(Rejection{code, std::move(details)});
}
inline std::unexpected<Rejection> reject_field(Code code, std::string_view field) {
  return reject(code, {{"field", std::string(field)}});
}
inline std::unexpected<Rejection> reject(Rejection rejection) {
  return std::unexpected<Rejection>(std::move(rejection));
}

inline Decision accept(const Question& q, EventBody body) {
  return Event{.actor = q.command.actor, .reason = q.command.reason, .body = std::move(body)};
}
inline Decision nothing_to_change() { return std::optional<Event>{}; }

/// A field that was given replaces; one that was not stays.
template <class T, class Current>
T given_or(const std::optional<T>& given, const Current& current) {
  return given ? *given : T(current);
}

}  // namespace pesan
