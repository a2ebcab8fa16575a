import ActorSystem
import Checkout
import CloudAdapters
import Cluster
import Consensus
import EventSourcing
import Gateway
import Storage

extension Metrics {
    /// Who moves the customers' money: the fact that an alarm on a shop without a provider looks at.
    func observe(_ payment: ConfiguredPayment) {
        observed("payment_provider_info", "1 for the payment provider of this node.", [("provider", payment.name)]) {
            1
        }
    }

    /// When the gateway's certificate ends, so that an alarm rings before it does.
    func observe(_ certificate: ServerCertificate) {
        observed("tls_certificate_not_after_seconds", "When the certificate ends, in seconds since 1970.") {
            Int(certificate.notAfter.microseconds / 1_000_000)
        }
    }

    /// How the event bus fares, as this node tells it of the shards that it leads.
    func observe(_ bus: EventBridgeBus) {
        observed(
            "event_bus_published_total", "Events that the bus has taken, those told again included.", isCounter: true
        ) {
            Int(clamping: bus.health.published)
        }
        observed("event_bus_failures_total", "Entries that the bus has not taken.", isCounter: true) {
            Int(clamping: bus.health.failed)
        }
        observed("event_bus_failing", "1 while the bus takes no events.") { bus.health.isFailing ? 1 : 0 }
    }

    /// How webhooks fare, as this node sends them of the shards that it leads.
    func observe(_ webhooks: WebhookHealth, clock: @escaping @Sendable () -> Timestamp) {
        observed(
            "webhook_deliveries_total", "Events that an endpoint has taken, those sent again included.", isCounter: true
        ) { Int(clamping: webhooks.delivered) }
        observed("webhook_failures_total", "Attempts at which an endpoint has not taken an event.", isCounter: true) {
            Int(clamping: webhooks.failed)
        }
        observed(
            "webhook_oldest_age_seconds", "How long the oldest event has been tried that an endpoint has yet to take."
        ) {
            webhooks.oldest.map { Int(clock().since($0) / .seconds(1)) } ?? 0
        }
    }

    /// How the calls to the payment provider fare.
    func observe(_ payments: GuardedPaymentProvider) {
        func counter(_ name: String, _ help: String, _ value: @escaping @Sendable (PaymentHealth) -> UInt64) {
            observed(name, help, isCounter: true) { Int(clamping: value(payments.health)) }
        }
        for state in CircuitBreaker.State.allCases {
            observed(
                "payment_breaker_state", "1 for the state that the circuit breaker is in.", [("state", state.rawValue)]
            ) { payments.health.breaker == state ? 1 : 0 }
        }
        observed("payment_calls_in_flight", "Calls to the payment provider under way.") { payments.health.inFlight }
        counter("payment_calls_total", "Calls begun.") { $0.calls }
        counter("payment_attempts_total", "Requests sent, retries included.") { $0.attempts }
        counter("payment_retries_total", "Requests sent again.") { $0.retries }
        counter("payment_failures_total", "Attempts without an answer to go by.") { $0.failures }
        counter("payment_rejections_total", "Attempts that the provider refused, most of all refunds.") {
            $0.rejected
        }
        counter("payment_refused_by_breaker_total", "Attempts not made because the breaker was open.") {
            $0.refusedByBreaker
        }
        counter("payment_breaker_opened_total", "How often the breaker has opened.") { $0.breakerOpened }
    }

    /// How far the log of each shard has got.
    func observe(_ shards: ShardMap) {
        for shard in shards.shards {
            let label = [(name: "shard", value: "\(shard.id)")]
            observed("log_committed_index", "The last committed record.", label) {
                Int(clamping: shard.journal.committed.rawValue)
            }
            observed("log_checkpoint_index", "The record from which a restart replays.", label) {
                Int(clamping: shard.journal.checkpoint.rawValue)
            }
        }
    }

    /// The room on the volume of the data directory, as the node looked at it last.
    func observe(_ room: @escaping @Sendable () -> DiskRoom) {
        observed("disk_free_bytes", "Bytes that the node may still fill on the volume of its data directory.") {
            Int(clamping: room().freeBytes)
        }
        observed("disk_size_bytes", "All bytes of that volume.") { Int(clamping: room().volumeBytes) }
        observed("disk_full", "1 while the node takes nothing new on, for want of room.") { room().isFull ? 1 : 0 }
    }

    /// How long changes wait for their commitment on the shards that this node leads.
    func observe(_ times: CommitTimes) {
        observed("log_commit_waits_total", "Decisions that have waited for their record.", isCounter: true) {
            Int(clamping: times.count)
        }
        observedTime("log_commit_wait_seconds_total", "How long they have waited together.") {
            Int(clamping: times.nanoseconds)
        }
    }

    /// What this node is in the group of each shard.
    func observe(_ journals: [ReplicatedJournal]) {
        for journal in journals {
            func gauge(_ name: String, _ help: String, _ value: @escaping @Sendable (Status) -> Int) {
                observed(name, help, [("shard", "\(journal.shard)")]) { value(journal.status) }
            }
            gauge("raft_is_leader", "1 where this node leads the shard.") { $0.role == .leader ? 1 : 0 }
            gauge("raft_knows_leader", "1 where this node knows which leads the shard.") { $0.leader == nil ? 0 : 1 }
            gauge("raft_term", "The term of the shard: it rises by one or more with each election.") {
                Int(clamping: $0.hardState.term.rawValue)
            }
            gauge("raft_committed_index", "The last entry that this node knows to be committed.") {
                Int(clamping: $0.hardState.commit.rawValue)
            }
            gauge("raft_applied_index", "The last entry that this node has handed on.") {
                Int(clamping: $0.applied.rawValue)
            }
        }
    }

    /// How many nodes this one is connected to.
    func observe(peersOf links: any PeerLinks) {
        let peers = gauge("peers_connected", "Nodes whose messages of consensus reach this one.")
        links.observe { _, stream, isConnected in
            if stream == .consensus { peers.add(isConnected ? 1 : -1) }
        }
    }
}
