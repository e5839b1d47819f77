// The routes of /v1 (docs/http.md#routes), each described once: which method and path, who may,
// what it does, and which parameters its query takes. Finding a route, 405 with Allow and OPTIONS
// follow from the table. Constants; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/v1/target.hpp"

namespace pesan::http::v1 {

enum class Access : std::uint8_t {
  open,         // no token is asked for
  read,         // of the resources that the token is for
  read_guests,  // the customer master, which belongs to no resource: not for tokens of some
  write,
};

enum class Task : std::uint8_t {
  command,   // one that the route names; the path's names are fields of it
  commands,  // one or many, as CloudEvents
  result,
  rooms,
  room,
  nights,
  services,
  service,
  slots,
  slot,
  bookings,
  booking,
  history,
  payments,
  customers,
  customer,
  bookings_of_customer,
  status,
  openapi,
  asyncapi,
  problem,
};

struct Route {
  std::string_view method;
  std::string_view path;  // {name}: any one segment, which goes by that name
  Access access = Access::read;
  Task task = Task::command;
  std::string_view command{};     // the type that it makes
  std::string_view parameters{};  // of the query, with a space between two
};

// clang-format off
inline constexpr std::array routes{
    Route{"POST", "/v1/commands", Access::write, Task::commands},
    Route{"GET", "/v1/results/{result}", Access::read, Task::result},

    Route{"GET", "/v1/rooms", Access::read, Task::rooms, {}, "limit after"},
    Route{"POST", "/v1/rooms", Access::write, Task::command, "DefineRoom"},
    Route{"GET", "/v1/rooms/{resource}", Access::read, Task::room},
    Route{"PATCH", "/v1/rooms/{resource}", Access::write, Task::command, "ChangeRoom"},
    Route{"GET", "/v1/rooms/{resource}/nights", Access::read, Task::nights, {}, "from to"},

    Route{"GET", "/v1/services", Access::read, Task::services, {}, "limit after"},
    Route{"POST", "/v1/services", Access::write, Task::command, "DefineService"},
    Route{"GET", "/v1/services/{resource}", Access::read, Task::service},
    Route{"PATCH", "/v1/services/{resource}", Access::write, Task::command, "ChangeService"},
    Route{"GET", "/v1/services/{resource}/schedules", Access::read, Task::slots, {},
          "from to available limit after"},
    Route{"POST", "/v1/services/{resource}/schedules", Access::write, Task::command, "AddSchedule"},
    Route{"GET", "/v1/services/{resource}/schedules/{schedule_id}", Access::read, Task::slot},
    Route{"PATCH", "/v1/services/{resource}/schedules/{schedule_id}", Access::write, Task::command,
          "ChangeSchedule"},
    Route{"POST", "/v1/services/{resource}/schedules/{schedule_id}/close", Access::write,
          Task::command, "CloseSchedule"},
    Route{"POST", "/v1/services/{resource}/schedules/{schedule_id}/open", Access::write,
          Task::command, "OpenSchedule"},

    Route{"GET", "/v1/bookings", Access::read, Task::bookings, {},
          "resource status schedule customer ref number check_in_from check_in_to limit after"},
    Route{"POST", "/v1/bookings", Access::write, Task::command, "CreateBooking"},
    Route{"GET", "/v1/bookings/{booking_id}", Access::read, Task::booking},
    Route{"PATCH", "/v1/bookings/{booking_id}", Access::write, Task::command, "ChangeBooking"},
    Route{"DELETE", "/v1/bookings/{booking_id}", Access::write, Task::command, "DeleteBooking"},
    Route{"POST", "/v1/bookings/{booking_id}/status", Access::write, Task::command, "ChangeStatus"},
    Route{"POST", "/v1/bookings/{booking_id}/check-in", Access::write, Task::command, "CheckIn"},
    Route{"POST", "/v1/bookings/{booking_id}/check-out", Access::write, Task::command, "CheckOut"},
    Route{"POST", "/v1/bookings/{booking_id}/reschedule", Access::write, Task::command,
          "RescheduleBooking"},
    Route{"GET", "/v1/bookings/{booking_id}/payments", Access::read, Task::payments, {},
          "limit after"},
    Route{"POST", "/v1/bookings/{booking_id}/payments", Access::write, Task::command,
          "RecordPayment"},
    Route{"GET", "/v1/bookings/{booking_id}/history", Access::read, Task::history, {},
          "limit after"},

    Route{"GET", "/v1/customers", Access::read_guests, Task::customers, {},
          "phone email name limit after"},
    Route{"GET", "/v1/customers/{code}", Access::read_guests, Task::customer},
    Route{"GET", "/v1/customers/{code}/bookings", Access::read_guests, Task::bookings_of_customer,
          {}, "limit after"},

    Route{"GET", "/v1/status", Access::read, Task::status},

    Route{"GET", "/openapi.json", Access::open, Task::openapi},
    Route{"GET", "/asyncapi.json", Access::open, Task::asyncapi},
    Route{"GET", "/problems/{name}", Access::open, Task::problem},
};
// clang-format on

struct Match {
  const Route* route = nullptr;
  std::vector<Named> path;  // its names, with what stands there
};

/// HEAD finds what GET does. Refused are a path that no route has (404), a method that none of the
/// path's routes takes (405 with Allow), and a parameter that is not the route's (400).
Answered<Match> find_route(std::string_view method, const Target& target);

/// `GET, HEAD, OPTIONS, POST`; empty: no route has this path.
std::string allowed_methods(const std::vector<std::string>& path);

}  // namespace pesan::http::v1
