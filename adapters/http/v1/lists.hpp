// Lists of rows: which access path serves a filter, and a page of it as an answer. A filter beyond
// its path is looked at on the rows of the page, so a page may have fewer than were asked for, and
// no answer reads more than one page. Any number of threads.
#pragma once

#include <string_view>

#include "adapters/http/v1/reads.hpp"

namespace pesan::http::v1 {

/// A page of the path, which the client may see as a whole.
Answered<Response> answer_of(const Question& question, PageQuestion page, RowReader& rows);
/// Rooms or services, by their key: of a client's resources alone where it has not all.
Answered<Response> resources(const Question& question, Path path, RowReader& rows);

Answered<Response> slots(const Question& question, RowReader& rows);
Answered<Response> bookings(const Question& question, RowReader& rows);
Answered<Response> customers(const Question& question, RowReader& rows);
Answered<Response> bookings_of_customer(const Question& question, std::string_view code,
                                        RowReader& rows);

}  // namespace pesan::http::v1
