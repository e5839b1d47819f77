// The file of the tokens: read as a whole, and changed by writing another one beside it.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/http/v1/tokens.hpp"

namespace pesan::http::v1 {
namespace {

std::unexpected<Failure> failed(std::string_view what, const std::string& path) {
  return fail(FailureKind::fatal,
              fmt::format("cannot {} the tokens in {}: {}", what, path, std::strerror(errno)));
}

/// A descriptor, closed at the end; -1 where it could not be opened.
class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

Fallible<std::optional<std::vector<Token>>> read_tokens(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return failed("read", path);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed("look at", path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(FailureKind::fatal,
                fmt::format("the tokens in {} are not for their owner alone: chmod 600 it, and "
                            "make those anew that others may have changed",
                            path));
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed("read", path);
    if (size == 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  auto tokens = parse_tokens(text);
  if (!tokens) return fail(FailureKind::fatal, fmt::format("{}: {}", path, tokens.error().what));
  return *std::move(tokens);
}

Fallible<void> change_tokens(const std::string& path,
                             const std::function<Fallible<void>(std::vector<Token>&)>& change) {
  std::error_code ignored;  // what cannot be made cannot be opened either, which is said
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const File lock(path + ".lock", O_RDWR | O_CREAT);
  if (!lock.is_open() || ::flock(lock.get(), LOCK_EX) != 0) return failed("lock", path);
  auto before = read_tokens(path);
  if (!before) return std::unexpected(before.error());
  std::vector<Token> tokens;
  if (*before) tokens = std::move(**before);
  if (auto changed = change(tokens); !changed) return changed;
  const std::string beside = path + ".new";
  {
    const File file(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (!file.is_open() || ::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0 ||
        !write_all(file.get(), text_of(tokens))) {
      return failed("write", beside);
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("put", path);
  // What was revoked stays so when the machine loses its power.
  const File place(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (!place.is_open() || ::fsync(place.get()) != 0) return failed("keep", path);
  return {};
}

}  // namespace pesan::http::v1
