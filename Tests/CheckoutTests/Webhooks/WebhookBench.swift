import ActorSystem
import Commerce
import EventSourcing
import JournalTesting
import Synchronization
import Testing

@testable import Checkout

/// A shard whose events are sent to endpoints that answer as the test says.
struct WebhookBench: Sendable {
    let journal = MemoryJournal()
    let shards: ShardMap
    let sender = ScriptedSender()
    let floors = RetentionFloors()
    let health = WebhookHealth()
    /// Goes on a little each time that it is looked at: what is due in an hour is due after some looks.
    let clock = TestClock(step: .seconds(600))
    var schedule = WebhookSchedule(pauses: [.seconds(60), .seconds(3_600)])
    var heldMax = WebhookHold.recordsMax
    let id = WebhookID(at: .zero, slot: .catalogue, random: 4)
    private let sku = SKU("35004C")!

    var source: Shard { shards.catalogue }
    var progressID: WebhookProgressID { WebhookProgressID(endpoint: id, source: source.id) }

    init() {
        shards = ShardMap([
            Shard(
                id: ShardID(0), journal: journal, states: journal, kinds: OwnedKind.all,
                failStop: { fatalError("\($0)") })
        ])
    }

    /// Sends while `body` runs, as a leader does.
    func whileSending(
        timer: any Clock<Duration> = HurriedClock(), _ body: @Sendable () async throws -> Void
    ) async throws {
        let clock = clock
        let dispatcher = WebhookDispatcher(
            sender, health: health, schedule: schedule, shards: shards, floors: floors, heldMax: heldMax,
            clock: { clock.now() }, timer: timer
        ) { $0.id }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await dispatcher.perform(on: source)
                } catch {
                    if !Task.isCancelled { Issue.record(error, "the duty ended") }
                }
            }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func change(_ command: Webhooks.Command) async throws {
        _ = try await shards.run(ChangeWebhooks(command), at: clock.now()).get()
    }

    func addEndpoint(_ types: [String] = []) async throws {
        try await change(.add(id, settings(types), secret: WebhookSecret([1])))
    }

    func enable() async throws { try await want([]) }

    func want(_ types: [String]) async throws { try await change(.change(id, settings(types))) }

    private func settings(_ types: [String]) -> WebhookEndpoint.Settings {
        WebhookEndpoint.Settings(url: "https://hooks.example", types: types, description: "", isEnabled: true)
    }

    /// Makes so many events.
    ///
    /// - Returns: their ids.
    func happen(_ count: Int = 1) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count {
            let sku = sku
            let outcome = try await shards.execute(on: sku.slot, at: clock.now()) { batch throws(Stock.Refusal) in
                try batch.decide(Stock.self, sku, .receive(1, reference: nil))
            }
            _ = try outcome.get()
            ids.append("0.\(try await lastStock()).1")
        }
        return ids
    }

    private func lastStock() async throws -> LogIndex { try await shards.read(Stock.self, sku).index }

    var progress: WebhookProgress {
        get async throws { try await shards.read(WebhookProgress.self, progressID).state }
    }

    var endpoint: WebhookEndpoint? {
        get async throws { try await shards.read(Webhooks.self, WebhooksID()).state.endpoint(id) }
    }

    func reached(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// Passes no pause.
struct StillClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }
    func sleep(until _: Instant, tolerance _: Duration?) async throws { try await Task.sleep(for: .seconds(3_600)) }
}

/// Passes every pause at once.
struct HurriedClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }
    func sleep(until _: Instant, tolerance _: Duration?) async throws { try await Task.sleep(for: .microseconds(200)) }
}

/// Takes what it is sent, but for what the test has it refuse.
final class ScriptedSender: WebhookSender {
    private enum Script {
        case take
        case refuseNext
        case refuse(event: String)
        case refuseAll
    }

    private struct State {
        var script = Script.take
        var outcome = WebhookOutcome.failed(.unanswered)
        var attempts: [(event: String, outcome: WebhookOutcome)] = []
    }

    private let state = Mutex(State())

    func send(_ message: WebhookMessage, to _: WebhookEndpoint) async throws -> WebhookOutcome {
        try Task.checkCancellation()
        return state.withLock { state in
            if case .refuseNext = state.script { state.script = .refuse(event: message.body) }
            let isTaken =
                switch state.script {
                case .take, .refuseNext: true
                case .refuse(let event): event != message.body
                case .refuseAll: false
                }
            let outcome = isTaken ? .taken : state.outcome
            state.attempts.append((message.body, outcome))
            return outcome
        }
    }

    func takeAll() { state.withLock { $0.script = .take } }

    func refuseAll(_ outcome: WebhookOutcome = .failed(.unanswered)) {
        state.withLock { state in
            state.script = .refuseAll
            state.outcome = outcome
        }
    }

    /// The next event that comes is refused from then on, and no other.
    func refuseNext(_ outcome: WebhookOutcome = .failed(.unanswered)) {
        state.withLock { state in
            state.script = .refuseNext
            state.outcome = outcome
        }
    }

    /// The one event that is refused.
    var refused: String? { state.withLock { if case .refuse(let event) = $0.script { event } else { nil } } }
    /// In the order in which they were sent.
    var attempts: [String] { state.withLock { $0.attempts.map(\.event) } }
    var taken: [String] { state.withLock { $0.attempts.filter { $0.outcome == .taken }.map(\.event) } }
    func count(of event: String) -> Int { attempts.count { $0 == event } }
}
