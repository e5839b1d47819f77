// A validator of the part of JSON Schema that pesan's schemas use, for tests. It refuses a keyword
// that it does not know, so that no schema says more than is checked. `format` and texts for people
// say nothing here; 1.0 is no integer, as for pesan. One thread.
#pragma once

#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace pesan {

class JsonSchema {
 public:
  explicit JsonSchema(std::string_view schema_text);

  /// What is wrong with `instance`, each as `path: what`; empty when it keeps the schema.
  std::vector<std::string> breaches(const boost::json::value& instance) const;
  const boost::json::value& root() const { return root_; }

 private:
  struct Walk;
  bool matches(std::string_view pattern, std::string_view text) const;

  boost::json::value root_;
  struct Pattern {
    std::regex regex;
    std::map<std::string, bool, std::less<>>
        answers;  // std::regex is slow, tests repeat themselves
  };
  mutable std::map<std::string, Pattern, std::less<>> patterns_;
};

}  // namespace pesan
