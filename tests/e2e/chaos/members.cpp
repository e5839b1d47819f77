#include "tests/e2e/chaos/members.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "tests/e2e/stored.hpp"

namespace pesan::chaos {
namespace {

constexpr std::size_t most_findings = 20;

}  // namespace

void Members::add(const std::string& role, bool is_static) {
  const auto of_role =
      std::ranges::count_if(all_, [&](const auto& member) { return member->role == role; });
  auto& member = all_.emplace_back(std::make_unique<Member>());
  member->name = fmt::format("{}-{}", role, of_role + 1);
  member->role = role;
  if (is_static) member->instance = member->name;
  start(*member);
}

void Members::replace(Member& member) {
  member.replaced = true;
  member.leaving = true;
  auto successor = std::make_unique<Member>();
  successor->name = member.name + "'";
  successor->role = member.role;
  successor->instance = member.instance;
  start(*successor);
  all_.push_back(std::move(successor));
}

void Members::start(Member& member) const {
  Arguments words{member.role};
  words.insert(words.end(), options_.places.begin(), options_.places.end());
  if (!member.instance.empty()) words.insert(words.end(), {"--instance", member.instance});
  member.this_life = std::exchange(member.next_life, std::nullopt);
  Environment environment = options_.environment;
  if (const auto& ambush = member.this_life) {
    environment.emplace_back(mutants::stop_at,
                             fmt::format("{} {}", name_of(ambush->point), ambush->passing));
  }
  member.program = std::make_unique<Program>(words, environment,
                                             member.this_life ? PESAN_CANARY : options_.program);
  ++member.lives;
  member.paused = false;
  member.leaving = false;
  member.due.reset();
  member.read_so_far = 0;
}

void Members::bury(Member& member) {
  const Outcome outcome = member.program->wait();
  read_errors(member);
  e2e::write_file(fmt::format("{}/{}.{}.err", options_.folder, member.name, member.lives),
                  fmt::format("{}exit code {}\n", outcome.err, outcome.exit_code));
  member.program.reset();
}

void Members::kill(Member& member) {
  member.program->signal(SIGKILL);
  member.leaving = true;
}

void Members::tell_to_end(Member& member) {
  member.program->signal(SIGTERM);
  member.leaving = true;
}

void Members::pause(Member& member) const {
  member.program->signal(SIGSTOP);
  member.paused = true;
}

void Members::wake(Member& member) const {
  member.program->signal(SIGCONT);
  member.paused = false;
  member.due.reset();
}

bool Members::is_stopped(const Member& member) {
  std::ostringstream text;
  text << std::ifstream(fmt::format("/proc/{}/stat", member.program->id())).rdbuf();
  return text.view().contains(") T ");
}

/// No fault of this world may stop a partition: whatever is outside comes back. Only of two that
/// have one instance the group takes one away; which one is its affair, as a zombie that joins anew
/// is the newer one.
void Members::read_errors(Member& member) {
  const std::string text = member.program->err();
  const std::size_t whole = text.rfind('\n') + 1;
  if (whole <= member.read_so_far) return;
  const auto fresh = text.substr(member.read_so_far, whole - member.read_so_far);
  member.read_so_far = whole;
  for (const std::string& line : e2e::lines_of(fresh)) {
    if (!member.instance.empty() && line.contains("an --instance of its own")) continue;
    if (!line.contains(" stopped: ") || findings_.size() >= most_findings) continue;
    findings_.push_back(fmt::format("{}: {}", member.name, line));
  }
}

void Members::look(Time now) {
  for (auto& each : all_) {
    Member& member = *each;
    if (member.program != nullptr) {
      read_errors(member);
      if (!member.program->running()) {
        ended_by_themselves_ += member.leaving ? 0 : 1;
        if (!member.leaving) member.due = now;
        bury(member);
      }
    }
    if (!member.due || *member.due > now || (member.replaced && member.program == nullptr))
      continue;
    if (member.program == nullptr) {
      start(member);
    } else if (member.paused) {
      wake(member);
    }
  }
  forget_replaced();
}

/// Those that were replaced and have ended are no members any more.
void Members::forget_replaced() {
  std::erase_if(all_, [](const auto& each) { return each->replaced && each->program == nullptr; });
}

void Members::calm() {
  for (auto& member : all_) {
    member->next_life.reset();
    if (member->this_life && member->program != nullptr) kill(*member);
  }
  for (auto& member : all_) {
    if (!member->replaced) continue;
    if (member->paused) wake(*member);
    if (member->program == nullptr) continue;
    tell_to_end(*member);
    await_end(*member);
  }
  forget_replaced();
  for (auto& member : all_) {
    if (member->program != nullptr && member->paused) wake(*member);
    if (member->program != nullptr && member->leaving) await_end(*member);
    if (member->program == nullptr) start(*member);
  }
}

void Members::await_end(Member& member) {
  if (!e2e::ends(*member.program)) {
    findings_.push_back(member.name + " does not end when it is told to");
    member.program->signal(SIGKILL);
  }
  bury(member);
}

void Members::end() {
  for (auto& member : all_) {
    if (member->program != nullptr) tell_to_end(*member);
  }
  for (auto& member : all_) {
    if (member->program != nullptr) await_end(*member);
  }
}

void Members::remove_last() {
  tell_to_end(*all_.back());
  await_end(*all_.back());
  all_.pop_back();
}

}  // namespace pesan::chaos
