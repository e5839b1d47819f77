// The pool of row readers: how many there are, who waits, and which are not used again.
#include "adapters/runtime/row_reader_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/must.hpp"

namespace pesan {
namespace {

using namespace std::chrono_literals;
using runtime::RowReaderPool;

/// What the readers of a test do, and what they have seen.
struct Stage {
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;  // calls stand until it is false
  int inside = 0;
  std::atomic<int> opened = 0;
  std::optional<FailureKind> answer{};  // of the readers that are there; not of later ones

  void wait_until_inside(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside == count; });
  }
  void release() {
    const std::lock_guard lock(mutex);
    held = false;
    changed.notify_all();
  }
};

class ReaderOnStage final : public RowReader {
 public:
  explicit ReaderOnStage(Stage& stage) : stage_(stage), number_(++stage.opened) {}
  Fallible<std::optional<OwnedRow>> find(Table, const RowKey&) override { return std::nullopt; }
  Fallible<Page> page(const PageQuestion&) override {
    std::unique_lock lock(stage_.mutex);
    ++stage_.inside;
    stage_.changed.notify_all();
    stage_.changed.wait(lock, [this] { return !stage_.held; });
    --stage_.inside;
    stage_.changed.notify_all();
    return Page{};
  }
  Fallible<std::vector<Checkpoint>> positions() override {
    if (stage_.answer && number_ == 1) return fail(*stage_.answer, "as the stage wants it");
    Checkpoint checkpoint;
    checkpoint.sequence = {number_};
    return std::vector{checkpoint};
  }

 private:
  Stage& stage_;
  int number_;
};

class RowReaderPoolTest : public testing::Test {
 protected:
  RowReaderPool::Open open() {
    return [this] { return std::make_unique<ReaderOnStage>(stage); };
  }
  /// The number of the reader that has answered.
  static std::int64_t reader_of(RowReaderPool& pool) {
    return must(pool.positions()).at(0).sequence.value;
  }

  Stage stage;
};

TEST_F(RowReaderPoolTest, OpensAReaderWhenItNeedsOneAndUsesItAgain) {
  RowReaderPool pool({.readers = 4}, open());
  EXPECT_EQ(stage.opened, 0);
  EXPECT_EQ(reader_of(pool), 1);
  EXPECT_EQ(reader_of(pool), 1);
}

TEST_F(RowReaderPoolTest, WhoFindsAllInUseIsRefusedWhenItsPatienceEnds) {
  RowReaderPool pool({.readers = 2, .patience = 1ms}, open());
  stage.held = true;
  std::thread first([&] { must(pool.page({})); });
  std::thread second([&] { must(pool.page({})); });
  stage.wait_until_inside(2);
  const auto refused = pool.page({});
  stage.release();
  first.join();
  second.join();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::transient);
  EXPECT_EQ(stage.opened, 2);
  EXPECT_TRUE(pool.page({}));
}

TEST_F(RowReaderPoolTest, WhoWaitsGetsTheReaderThatComesBack) {
  RowReaderPool pool({.readers = 1, .patience = 1h}, open());
  stage.held = true;
  std::thread first([&] { must(pool.page({})); });
  stage.wait_until_inside(1);
  std::thread second([&] { must(pool.positions()); });
  stage.release();
  first.join();
  second.join();
  EXPECT_EQ(stage.opened, 1);
}

TEST_F(RowReaderPoolTest, ARestedReaderThatFailedIsReplacedAndItsCallMadeAgain) {
  RowReaderPool pool({.readers = 1}, open());
  EXPECT_EQ(reader_of(pool), 1);
  stage.answer = FailureKind::transient;
  EXPECT_EQ(reader_of(pool), 2);
  EXPECT_EQ(reader_of(pool), 2);
}

TEST_F(RowReaderPoolTest, ANewReaderThatFailsSaysSoAndLeavesItsPlaceToAnother) {
  RowReaderPool pool({.readers = 1, .patience = 1ms}, open());
  stage.answer = FailureKind::transient;
  EXPECT_EQ(pool.positions().error().kind, FailureKind::transient);
  EXPECT_EQ(reader_of(pool), 2);
}

TEST_F(RowReaderPoolTest, AFatalFailureIsNotTriedAgainAndItsReaderNotUsedAgain) {
  RowReaderPool pool({.readers = 1}, open());
  EXPECT_EQ(reader_of(pool), 1);
  stage.answer = FailureKind::fatal;
  EXPECT_EQ(pool.positions().error().kind, FailureKind::fatal);
  EXPECT_EQ(stage.opened, 1);
  EXPECT_EQ(reader_of(pool), 2);
}

TEST_F(RowReaderPoolTest, AQuestionThatIsRefusedLeavesItsReaderAsItIs) {
  RowReaderPool pool({.readers = 1}, open());
  stage.answer = FailureKind::usage;
  EXPECT_EQ(pool.positions().error().kind, FailureKind::usage);
  stage.answer.reset();
  EXPECT_EQ(reader_of(pool), 1);
}

TEST_F(RowReaderPoolTest, APlaceThatCannotBeOpenedIsSaidByEachReadAndKeepsNobodyOut) {
  RowReaderPool pool({.readers = 1, .patience = 1ms}, []() -> Fallible<std::unique_ptr<RowReader>> {
    return fail(FailureKind::fatal, "no such file");
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.positions().error().what, "no such file");
}

}  // namespace
}  // namespace pesan
