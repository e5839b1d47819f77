#include "adapters/files/snapshot_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/assert.hpp"

namespace pesan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view whole = ".image";
constexpr std::string_view half_done = ".part";
/// No writer takes so long: what is older was left by one that was killed.
constexpr auto abandoned_after = std::chrono::hours{1};

std::unexpected<Failure> refuse(std::string_view doing, const std::string& path, int error) {
  return fail(FailureKind::transient,
              fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(error)));
}

/// A file that is open, until it goes.
class File {
 public:
  File(const std::string& path, int flags) : number_(::open(path.c_str(), flags, 0666)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  bool is_open() const { return number_ >= 0; }
  /// False with errno.
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(number_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) return false;
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool read(std::string& into) const {
    struct stat status{};
    if (::fstat(number_, &status) != 0) return false;
    into.resize(static_cast<std::size_t>(status.st_size));
    for (std::size_t got = 0; got < into.size();) {
      const auto some = ::read(number_, into.data() + got, into.size() - got);
      if (some < 0 && errno != EINTR) return false;
      if (some == 0) into.resize(got);  // it was cut meanwhile: the image will say so
      if (some > 0) got += static_cast<std::size_t>(some);
    }
    return true;
  }
  bool sync() const { return ::fsync(number_) == 0; }

 private:
  int number_;
};

std::optional<SnapshotName> parse_name(std::string_view file) {
  if (!file.ends_with(whole)) return std::nullopt;
  file.remove_suffix(whole.size());
  SnapshotName name;
  const auto number = [&](auto& into, bool last) {
    const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), into);
    if (error != std::errc{} || into < 0) return false;
    file.remove_prefix(static_cast<std::size_t>(end - file.data()));
    if (last) return file.empty();
    if (!file.starts_with('-')) return false;
    file.remove_prefix(1);
    return true;
  };
  const bool good = number(name.partition.value, false) && number(name.serial, false) &&
                    number(name.results.value, true);
  return good ? std::optional(name) : std::nullopt;
}

}  // namespace

SnapshotFolder::SnapshotFolder(const std::string& folder, const std::string& log_id)
    : folder_(fs::path(folder) / log_id) {
  const bool one_name = !log_id.empty() && log_id != "." && log_id != ".." &&
                        log_id.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
  PESAN_ASSERT(one_name, "a log's id is no name of a folder");
}

std::string SnapshotFolder::path_of(const SnapshotName& name) const {
  return (folder_ /
          fmt::format("{}-{}-{}{}", name.partition.value, name.serial, name.results.value, whole))
      .string();
}

Fallible<std::vector<SnapshotName>> SnapshotFolder::list(Partition partition) {
  std::vector<SnapshotName> names;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const auto name = parse_name(at->path().filename().string());
    if (name && name->partition == partition) names.push_back(*name);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return refuse("list", folder_.string(), error.value());
  }
  std::sort(names.begin(), names.end(), [](const SnapshotName& a, const SnapshotName& b) {
    return std::pair(a.serial, a.results) > std::pair(b.serial, b.results);
  });
  return names;
}

Fallible<std::string> SnapshotFolder::fetch(const SnapshotName& name) {
  const std::string path = path_of(name);
  const File file(path, O_RDONLY | O_CLOEXEC);
  std::string image;
  if (!file.is_open() || !file.read(image)) return refuse("read", path, errno);
  return image;
}

Fallible<void> SnapshotFolder::put(const SnapshotName& name, std::string_view image) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return refuse("make", folder_.string(), error.value());
  const std::string path = path_of(name);
  // Its writer's own: two may write the same snapshot at once, on one machine or two.
  const std::string part = fmt::format("{}.{:08x}{}", path, std::random_device{}(), half_done);
  const auto give_up = [&](std::string_view doing) {
    const int why = errno;
    ::unlink(part.c_str());
    return refuse(doing, part, why);
  };
  {
    const File file(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
    if (!file.is_open() || !file.write(image)) return give_up("write");
    if (!file.sync()) return give_up("sync");
  }
  if (::rename(part.c_str(), path.c_str()) != 0) return give_up("rename");
  const File folder(folder_.string(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder.is_open() || !folder.sync()) return refuse("sync", folder_.string(), errno);
  return {};
}

Fallible<void> SnapshotFolder::prune(Partition partition, std::size_t keep) {
  const auto names = list(partition);
  if (!names) return std::unexpected(names.error());
  std::error_code error;
  for (std::size_t i = keep; i < names->size(); ++i) {
    fs::remove(path_of((*names)[i]), error);  // another process may have been faster
    if (error) return refuse("remove", path_of((*names)[i]), error.value());
  }
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (!at->path().string().ends_with(half_done)) continue;
    const auto written = fs::last_write_time(at->path(), gone);
    if (!gone && now - written > abandoned_after) fs::remove(at->path(), gone);
  }
  return {};
}

}  // namespace pesan
