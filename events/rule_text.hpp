// The rules of fields in words, in one place: what a refusal says was expected, and what the
// published schemas say beside their patterns. Pure.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "events/command_rules.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

std::string text_of_rule(const rule::Text& rule);
std::string text_of_rule(const rule::Integer& rule);
std::string text_of_rule(const rule::Day& rule);
std::string text_of_rule(const rule::Time& rule);
std::string text_of_rule(const rule::Appointment& rule);
std::string text_of_rule(const rule::Moment& rule);
std::string text_of_rule(const rule::Flag& rule);
/// "one of a, b, c".
std::string text_of_names(std::span<const std::string_view> names);

/// What the rule of a field of type T takes.
template <class T, class Rule>
std::string text_of_rule_for(const Rule& rule) {
  if constexpr (NamedEnum<T>) {
    const std::span<const std::string_view> names(EnumNames<T>::names);
    return text_of_names(names.first(std::min(rule.count, names.size())));
  } else {
    return text_of_rule(rule);
  }
}

}  // namespace pesan
