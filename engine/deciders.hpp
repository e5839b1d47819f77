// One decider per command; `decide` of decide.hpp picks the one.
#pragma once

#include "engine/decision.hpp"

namespace pesan {

/// Of a resource that names none.
inline constexpr std::string_view default_timezone = "Asia/Jakarta";

Decision decide(const Question& q, const DefineRoom& c);
Decision decide(const Question& q, const ChangeRoom& c);
Decision decide(const Question& q, const DefineService& c);
Decision decide(const Question& q, const ChangeService& c);
Decision decide(const Question& q, const AddSchedule& c);
Decision decide(const Question& q, const ChangeSchedule& c);
Decision decide(const Question& q, const CloseSchedule& c);
Decision decide(const Question& q, const OpenSchedule& c);
Decision decide(const Question& q, const CreateBooking& c);
Decision decide(const Question& q, const ChangeStatus& c);
Decision decide(const Question& q, const CheckIn& c);
Decision decide(const Question& q, const CheckOut& c);
Decision decide(const Question& q, const RescheduleBooking& c);
Decision decide(const Question& q, const ChangeBooking& c);
Decision decide(const Question& q, const RecordPayment& c);
Decision decide(const Question& q, const DeleteBooking& c);
Decision decide(const Question& q, const RunTimer& c);

}  // namespace pesan
