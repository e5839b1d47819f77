#include "adapters/http/pages.hpp"

#include <utility>

namespace pesan::http {

Handler serve_pages(Pages pages) {
  return [pages = std::move(pages)](const Request& request, Responder responder) {
    std::optional<Response> page = pages(request.path());
    if (!page) return std::move(responder).send(text(404, "there is no such page"));
    if (request.method != "GET" && request.method != "HEAD") {
      Response refusal = text(405, "only GET and HEAD");
      refusal.headers.push_back({.name = "Allow", .value = "GET, HEAD"});
      return std::move(responder).send(std::move(refusal));
    }
    std::move(responder).send(*std::move(page));
  };
}

}  // namespace pesan::http
