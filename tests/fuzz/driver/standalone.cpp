// A driver for fuzz targets where libFuzzer is not at hand: replays every file of the given corpus
// folders, then feeds random mutations of them for some seconds. A target fails by crashing; the
// input at fault is then in fuzz-failure.bin of the working folder. One thread.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

// Of the sanitizer runtime, where there is one: they end the program without a signal.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;

struct Options {
  int seconds = 5;
  std::uint64_t seed = std::random_device{}();
  std::vector<std::filesystem::path> corpus;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc) {
      options.seconds = std::atoi(argv[++i]);
    } else if (argument == "--seed" && i + 1 < argc) {
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      options.corpus.emplace_back(argument);
    }
  }
  return options;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> load(const std::vector<std::filesystem::path>& corpus) {
  std::vector<std::string> inputs;
  for (const auto& place : corpus) {
    if (std::filesystem::is_directory(place)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
        if (entry.is_regular_file()) inputs.push_back(read(entry.path()));
      }
    } else {
      inputs.push_back(read(place));
    }
  }
  return inputs;
}

std::size_t below(Random& random, std::size_t limit) {
  return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit);
}

/// One of: flip a bit, put a byte that matters to JSON, cut out, double, splice with another input.
void mutate_once(Random& random, const std::vector<std::string>& inputs, std::string& input) {
  using namespace std::string_view_literals;
  static constexpr auto telling = "{}[]\",:\\-+.eE019 \n\0\x7f\x80\xc3\xed\xff"sv;
  const std::size_t at = below(random, input.size() + 1);
  const std::size_t length = below(random, std::min<std::size_t>(input.size() - at + 1, 64));
  switch (below(random, 6)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(random, 8)));
      break;
    case 1: input.insert(at, 1, telling[below(random, telling.size())]); break;
    case 2:
      if (at < input.size()) input[at] = telling[below(random, telling.size())];
      break;
    case 3: input.erase(at, length); break;
    case 4: input.insert(at, input.substr(at, length)); break;
    default: {
      const std::string& other = inputs[below(random, inputs.size())];
      const std::size_t from = below(random, other.size() + 1);
      input.replace(at, length, other.substr(from, below(random, 64)));
    }
  }
}

void feed(const std::string& input) {
  // Exactly as long as the input, so that a read past its end is one past an allocation.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string current;

/// Leaves the input at fault behind. Runs in signal handlers: system calls only.
void keep_current() {
  const int file = ::open("fuzz-failure.bin", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  const ssize_t written = ::write(file, current.data(), current.size());
  static_cast<void>(written);
  ::close(file);
}

void keep_current_and_die(int signal) {
  keep_current();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_current);
  for (const int signal : {SIGABRT, SIGFPE, SIGILL}) std::signal(signal, keep_current_and_die);
  std::vector<std::string> inputs = load(options.corpus);
  if (inputs.empty()) {
    std::fprintf(stderr, "no corpus: name at least one file or folder with inputs\n");
    return 2;
  }
  std::printf("%zu inputs, seed %llu\n", inputs.size(),
              static_cast<unsigned long long>(options.seed));
  for (const std::string& input : inputs) {
    current = input;
    feed(current);
  }

  Random random(options.seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  std::uint64_t runs = inputs.size();
  while (std::chrono::steady_clock::now() < end) {
    current = inputs[below(random, inputs.size())];
    for (std::size_t n = 1 + below(random, 8); n > 0; --n) mutate_once(random, inputs, current);
    feed(current);
    ++runs;
  }
  std::printf("%llu inputs fed, none failed\n", static_cast<unsigned long long>(runs));
  return runs > inputs.size() || options.seconds == 0 ? 0 : 1;
}
