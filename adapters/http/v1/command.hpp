// Commands, made of what an HTTP caller says: the path names the command and some of its fields,
// the body the others, the token the actor, and the headers the key and the version expected. No
// field is judged here but for those; that is the engine's. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/v1/client.hpp"
#include "adapters/http/v1/route.hpp"
#include "adapters/http/v1/wishes.hpp"

namespace pesan::http::v1 {

inline constexpr std::size_t most_commands = 500;
inline constexpr std::size_t largest_body = std::size_t{64} << 10;
inline constexpr std::size_t largest_array = std::size_t{4} << 20;

/// What is known of a command when its outcome comes.
struct Sent {
  std::string id{};
  bool creates = false;      // a room, a service, a slot or a booking
  std::string location{};    // where what it creates stands; of a booking its id is missing
  bool by_if_match = false;  // the version expected stood in a header
  bool respond_async = false;
};

/// Whether a command of this type makes a room, a service, a slot or a booking.
bool creates(std::string_view type);

struct BuiltCommand {
  std::string record;
  std::string resource;  // empty: it names none
  Sent sent;
};

/// What the commands of one request have in common.
struct Sender {
  const Client& client;
  const Wishes& wishes;
  std::string_view fresh_id;     // for a command that brings no key; of an array one more each
  std::string_view traceparent;  // empty: none
};

Answered<BuiltCommand> command_of_route(const Match& match, std::string_view body,
                                        const Sender& sender);

struct BuiltCommands {
  bool array = false;
  std::vector<Answered<BuiltCommand>> commands;  // one of an array may be refused by itself
};
/// One CloudEvent, or an array of them.
Answered<BuiltCommands> commands_of_body(std::string_view body, const Sender& sender);

}  // namespace pesan::http::v1
