#include "engine/decide.hpp"

#include <variant>

#include "engine/deciders.hpp"

namespace pesan {

Decision decide(const State& state, const Command& command, const Moment& moment,
                Scratch& scratch) {
  const Question question{state, command, moment, scratch};
  return std::visit([&](const auto& body) { return decide(question, body); }, command.body);
}

}  // namespace pesan
