// One owner per librdkafka handle, which destroys it, once, in the way that this kind of
// handle asks for. Nothing here talks to a broker but the end of a client, which waits for its own
// threads. The handles themselves may be used by any thread; an owner belongs to one.
#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

namespace pesan::kafka {

/// A unique_ptr that ends its pointer by the C function `destroy`.
template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* handle) const noexcept {
    destroy(handle);
  }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;

/// Ends a client without leaving its group politely: offsets are never committed by the consumer,
/// and the next owner is told by the transaction's fencing, not by a farewell.
inline void destroy_client(rd_kafka_t* client) noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using ClientHandle = Handle<rd_kafka_t, destroy_client>;
/// Taken over by `rd_kafka_new` when that succeeds: release it then.
using ConfHandle = Handle<rd_kafka_conf_t, rd_kafka_conf_destroy>;
/// Ends before its client.
using TopicHandle = Handle<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using QueueHandle = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using MessageHandle = Handle<rd_kafka_message_t, rd_kafka_message_destroy>;
using EventHandle = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;
using ErrorHandle = Handle<rd_kafka_error_t, rd_kafka_error_destroy>;
/// Taken over by a produced message that was accepted: release it then.
using HeadersHandle = Handle<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using OffsetsHandle =
    Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using GroupMetadataHandle =
    Handle<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;
using MetadataHandle = Handle<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using AdminOptionsHandle = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopicHandle = Handle<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;

}  // namespace pesan::kafka
