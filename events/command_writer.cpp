// Writes commands as CloudEvents: for clients, generators and tests. The engine only reads them.
#include "events/command_fields.hpp"
#include "events/command_reader.hpp"
#include "events/json_writer.hpp"

namespace pesan {
namespace {

/// A visitor of command_fields.hpp.
class FieldWriter {
 public:
  explicit FieldWriter(JsonWriter& json) : json_(json) {}

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& value) {
    json_.key(field.name);
    write(value);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& value) {
    if (value) (*this)(field, *value);
  }

 private:
  void write(std::string_view value) { json_.text(value); }
  void write(std::int64_t value) { json_.integer(value); }
  void write(bool value) { json_.boolean(value); }
  void write(Date value) {
    json_.plain([&](std::string& out) { append_date(out, value); });
  }
  void write(TimeOfDay value) {
    json_.plain([&](std::string& out) { append_time_of_day(out, value); });
  }
  void write(LocalDateTime value) {
    json_.plain([&](std::string& out) { append_local_minute(out, value); });
  }
  void write(Instant value) {
    json_.plain([&](std::string& out) { append_instant(out, value); });
  }
  template <class Tag>
  void write(const TextId<Tag>& value) {
    json_.text(value.text);
  }
  template <NamedEnum E>
  void write(E value) {
    json_.text(name_of(value));
  }
  template <class T>
    requires requires(FieldWriter& v, T& object) { describe(v, object); }
  void write(T& object) {
    json_.begin_object();
    describe(*this, object);
    json_.end_object();
  }

  JsonWriter& json_;
};

}  // namespace

void append_command(std::string& out, const CommandToWrite& to_write) {
  JsonWriter json(out);
  json.begin_object();
  json.key("specversion");
  json.text("1.0");
  json.key("id");
  json.text(to_write.id);
  json.key("source");
  json.text(to_write.source);
  json.key("type");
  json.text(type_name(to_write.command.body));
  if (to_write.time) {
    json.key("time");
    json.plain([&](std::string& text) { append_instant(text, *to_write.time); });
  }
  json.key("data");
  json.begin_object();
  FieldWriter writer(json);
  Command command = to_write.command;
  std::visit([&](auto& body) { describe_command(writer, command, body); }, command.body);
  json.end_object();
  json.end_object();
}

}  // namespace pesan
