// What the maker of the description (openapi.hpp) is made of: the schemas of what is answered, the
// parameters, the problems. Only openapi*.cpp include this. Pure.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "projections/tables.hpp"

namespace pesan::http::v1::described {

using boost::json::array;
using boost::json::object;

inline boost::json::string_view wire(std::string_view text) { return {text.data(), text.size()}; }

/// To a component: `kind` is `schemas`, `parameters` or `responses`.
object reference(std::string_view kind, std::string_view name);
object content(std::string_view type, object schema);
object list_of(std::string_view schema);

/// The `data` of a command, as it stands in the published schemas.
object command_data(std::string_view command);

/// Of a row: a member a column.
object row(Table table);
/// `components/schemas`.
object schemas();
/// `components/parameters`: of queries and headers.
object parameters();
/// `components/responses`: a problem each, by its status, such as `problem_404`.
object problems();
/// What stands in a path under this name.
object path_value(std::string_view name);

}  // namespace pesan::http::v1::described
