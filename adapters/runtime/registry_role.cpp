#include "adapters/runtime/registry_role.hpp"

#include <string_view>

#include <spdlog/spdlog.h>

#include "engine/registry.hpp"

namespace pesan::runtime {
namespace {

/// `0812****789`: enough to recognise, not enough to call.
std::string masked_phone(std::string_view phone) {
  const std::size_t shown = phone.size() <= 6 ? 0 : 3;
  return std::string(phone.size() - shown, '*').append(phone.substr(phone.size() - shown));
}

RegistryOptions registry_options(bool clear_phone) {
  RegistryOptions options;
  options.linked = [clear_phone](bool is_new, std::string_view name, std::string_view phone) {
    spdlog::info("{}: {} ({})",
                 is_new ? "New customer auto-created from booking"
                        : "Existing customer booking date updated",
                 name, clear_phone ? std::string(phone) : masked_phone(phone));
  };
  if (!spdlog::should_log(spdlog::level::info)) options.linked = nullptr;
  return options;
}

}  // namespace

class RegistryRole::Everything final : public Duty {
 public:
  Everything(RegistryRole& role, const Thread& thread)
      : Duty("registry", customers_topic), role_(role), thread_(thread) {}

  Fallible<Step> step(const ClaimProof& proof) override {
    if (registry_ != nullptr && proof != proof_) {
      const auto stands = registry_->retake(proof);
      if (!stands) return std::unexpected(stands.error());
      if (!*stands) registry_.reset();
    }
    if (registry_ == nullptr) {
      thread_.recovers();
      auto started =
          Registry::start(role_.log(), registry_options(role_.options_.clear_phone), proof);
      if (!started) return std::unexpected(started.error());
      registry_ = *std::move(started);
    }
    proof_ = proof;
    const auto read = registry_->step();
    if (!read) return std::unexpected(read.error());
    return Step{.done = *read};
  }
  void end() override { registry_.reset(); }

 private:
  RegistryRole& role_;
  const Thread& thread_;
  std::unique_ptr<Registry> registry_;
  ClaimProof proof_;  // under which it has its place
};

Work RegistryRole::work_of(const Thread& thread) {
  Work work;
  work.duties.push_back(std::make_unique<Everything>(*this, thread));
  return work;
}

}  // namespace pesan::runtime
