#include "projections/fold.hpp"

#include <variant>

#include "projections/booking.hpp"
#include "projections/booking_history.hpp"
#include "projections/customer.hpp"
#include "projections/payment.hpp"
#include "projections/room_availability.hpp"
#include "projections/room_night.hpp"
#include "projections/schedule_capacity.hpp"
#include "projections/service.hpp"

namespace pesan {
namespace {

class EventFold {
 public:
  EventFold(const Stamp& at, RowChanges& changes) : at_(at), changes_(changes) {}

  void operator()(const ResourceEvent& event) {
    fold_room_availability(event, at_, changes_);
    fold_room_night(event, at_, changes_);
    fold_service(event, at_, changes_);
    fold_schedule_capacity(event, at_, changes_);
    fold_booking(event, at_, changes_);
    fold_booking_history(event, at_, changes_);
    fold_payment(event, at_, changes_);
  }
  void operator()(const OfLog auto&) {}

 private:
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_event(const LoggedEvent& event, RowChanges& changes) {
  const Stamp at{event.sequence, event.time};
  std::visit(EventFold(at, changes), event.what);
}

void fold_event(const LoggedCustomerEvent& event, RowChanges& changes) {
  fold_customer(event.body, Stamp{event.sequence, event.time}, changes);
}

}  // namespace pesan
