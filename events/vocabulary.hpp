// The closed vocabularies of the domain: each enum with its one spelling on the wire and in tables.
// `name_of` and `parse_enum` are the only two ways between value and text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pesan {

enum class Status : std::uint8_t {
  pending,
  confirmed,
  in_progress,
  completed,
  cancelled,
  no_show,
  expired
};
enum class Payment : std::uint8_t { unpaid, partial, paid, refunded };
enum class ActorType : std::uint8_t { user, admin, system };
enum class Inventory : std::uint8_t { counter, nightly, slots };
enum class Occupancy : std::uint8_t { on_create, on_confirm, on_payment };
enum class PaymentMethod : std::uint8_t { cash, transfer, card, ewallet };
enum class Gender : std::uint8_t { male, female };
enum class Clock : std::uint8_t { append, command };
/// What ends by itself: a hold, and waiting for a guest.
enum class Timer : std::uint8_t { expiry, no_show };

template <class E>
struct EnumNames;
// clang-format off
template <> struct EnumNames<Status> { static constexpr std::array<std::string_view, 7> names{
    "pending", "confirmed", "in_progress", "completed", "cancelled", "no_show", "expired"}; };
template <> struct EnumNames<Payment> { static constexpr std::array<std::string_view, 4> names{
    "unpaid", "partial", "paid", "refunded"}; };
template <> struct EnumNames<ActorType> { static constexpr std::array<std::string_view, 3> names{
    "user", "admin", "system"}; };
template <> struct EnumNames<Inventory> { static constexpr std::array<std::string_view, 3> names{
    "counter", "nightly", "slots"}; };
template <> struct EnumNames<Occupancy> { static constexpr std::array<std::string_view, 3> names{
    "on_create", "on_confirm", "on_payment"}; };
template <> struct EnumNames<PaymentMethod> {
  static constexpr std::array<std::string_view, 4> names{"cash", "transfer", "card", "ewallet"}; };
template <> struct EnumNames<Gender> { static constexpr std::array<std::string_view, 2> names{
    "male", "female"}; };
template <> struct EnumNames<Clock> { static constexpr std::array<std::string_view, 2> names{
    "append", "command"}; };
template <> struct EnumNames<Timer> { static constexpr std::array<std::string_view, 2> names{
    "expiry", "no_show"}; };
// clang-format on

template <class E>
concept NamedEnum = requires { EnumNames<E>::names.size(); };

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

template <NamedEnum E>
constexpr std::optional<E> parse_enum(std::string_view text) {
  for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i) {
    if (EnumNames<E>::names[i] == text) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace pesan
