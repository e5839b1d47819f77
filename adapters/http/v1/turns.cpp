#include "adapters/http/v1/turns.hpp"

#include <algorithm>
#include <utility>

namespace pesan::http::v1 {

Turns::Turns(const Most& most) : most_(most) {
  for (std::size_t i = 0; i < most_.threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

void Turns::add(const std::string& client, Time deadline, Work work) {
  std::unique_lock lock(mutex_);
  if (ended_) {
    lock.unlock();
    return work(false);
  }
  auto line = std::ranges::find(lines_, client, &Line::client);
  if (line == lines_.end()) line = lines_.insert(lines_.end(), {.client = client});
  line->jobs.push_back({.deadline = deadline, .work = std::move(work)});
  came_.notify_one();
}

std::list<Turns::Line>::iterator Turns::next() {
  return std::ranges::find_if(lines_, [this](const Line& line) {
    return !line.jobs.empty() && line.at_work < most_.of_a_client;
  });
}

void Turns::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (came_.wait(lock, stop, [this] { return next() != lines_.end(); })) {
    if (stop.stop_requested()) return;
    const auto line = next();
    lines_.splice(lines_.end(), lines_, line);
    {
      const Job job = std::move(line->jobs.front());
      line->jobs.pop_front();
      ++line->at_work;
      lock.unlock();
      job.work(std::chrono::steady_clock::now() < job.deadline);
    }  // what it holds goes without the lock
    lock.lock();
    --line->at_work;
    if (line->jobs.empty() && line->at_work == 0) {
      lines_.erase(line);
    } else {
      came_.notify_one();  // it may have been the line's bound that the next one waited for
    }
  }
}

void Turns::end() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  for (const Line& line : std::exchange(lines_, {})) {
    for (const Job& job : line.jobs) job.work(false);
  }
}

}  // namespace pesan::http::v1
