#include "engine/engine.hpp"

#include <utility>

namespace pesan {

Fallible<std::unique_ptr<Engine>> Engine::start(Log& log, EngineOptions options) {
  const Partition partition = options.recovery.partition;
  auto writer = log.open_writer({.role = "engine", .partition = partition});
  if (!writer) return std::unexpected(writer.error());
  const auto committed = (*writer)->committed({Topic::commands, partition});
  if (!committed) return std::unexpected(committed.error());
  auto processor = recover(log, options.recovery, *committed);
  if (!processor) return std::unexpected(processor.error());
  return std::unique_ptr<Engine>(
      new Engine(log, std::move(options), *std::move(writer), *std::move(processor)));
}

Engine::Engine(Log& log, EngineOptions options, std::unique_ptr<LogWriter> writer,
               std::unique_ptr<CommandProcessor> processor)
    : log_(log),
      options_(std::move(options)),
      writer_(std::move(writer)),
      processor_(std::move(processor)) {}

Fallible<std::size_t> Engine::step(std::chrono::milliseconds wait) {
  const TopicPartition source{Topic::commands, options_.recovery.partition};
  const ReadLimit limit{.records = options_.batch, .bytes = std::size_t{8} << 20, .wait = wait};
  const auto read = log_.read(source, processor_->position().next_command, limit, commands_);
  if (!read) return std::unexpected(read.error());
  if (commands_.empty()) return 0;

  transaction_.clear();
  transaction_.source = source;
  std::size_t decided = 0;
  const Instant wall_clock = options_.wall_clock();
  for (const Record& command : commands_) {
    if (const auto processed = processor_->process(command, wall_clock, transaction_); !processed) {
      // What was decided before it stands; the next step meets it first and reports it.
      if (decided == 0) return std::unexpected(processed.error());
      break;
    }
    ++decided;
  }
  transaction_.consumed = processor_->position().next_command;
  if (const auto committed = writer_->commit(transaction_); !committed) {
    processor_->rollback();
    return std::unexpected(committed.error());
  }
  processor_->commit();
  return decided;
}

}  // namespace pesan
