import ActorSystem
import Commerce
import EventSourcing
import Testing

@testable import Checkout

@Suite("Webhooks", .timeLimit(.minutes(10))) struct WebhookDispatcherTests {
    @Test("tell an endpoint in the order of the log of what is recorded once it was made, and that it wants")
    func order() async throws {
        let bench = WebhookBench()
        _ = try await bench.happen(3)
        try await bench.addEndpoint(["StockReceived"])
        try await bench.whileSending {
            let events = try await bench.happen(200)
            try await bench.reached { bench.sender.taken.count == 200 }
            #expect(bench.sender.taken == events)
        }
        #expect(bench.health.delivered == 200 && bench.health.failed == 0 && bench.health.oldest == nil)
    }

    @Test("judge what is recorded after a change of an endpoint by what was changed, however long it is not looked at")
    func changed() async throws {
        let bench = WebhookBench()
        try await bench.addEndpoint(["OrderPlaced"])
        try await bench.whileSending(timer: StillClock()) {
            try await bench.reached { try await bench.progress.since != nil }
            try await bench.want(["StockReceived"])
            let events = try await bench.happen(3)
            try await bench.reached { bench.sender.taken == events }
        }
    }

    @Test("write how far an endpoint is though it wants nothing")
    func silence() async throws {
        let bench = WebhookBench()
        try await bench.addEndpoint(["OrderPlaced"])
        _ = try await bench.happen(Int(WebhookLane.silentRecordsMax) + 64)
        try await bench.whileSending {
            try await bench.reached { try await bench.progress.position.rawValue >= WebhookLane.silentRecordsMax }
        }
        #expect(bench.sender.taken.isEmpty)
    }

    @Test("set aside what is not taken, send it again until it is, and go on meanwhile")
    func aside() async throws {
        var bench = WebhookBench()
        bench.schedule = WebhookSchedule(pauses: Array(repeating: .seconds(3_600), count: 100_000))
        try await bench.addEndpoint()
        try await bench.whileSending { [bench] in
            let first = try await bench.happen()
            try await bench.reached { bench.sender.taken == first }
            bench.sender.refuseNext()
            let refused = try await bench.happen()[0]
            try await bench.reached { bench.sender.refused == refused }
            let others = try await bench.happen(5)
            try await bench.reached { Set(others).isSubset(of: bench.sender.taken) }
            #expect(!bench.sender.taken.contains(refused))
            bench.sender.takeAll()
            try await bench.reached { bench.sender.taken.contains(refused) }
            try await bench.reached { try await bench.progress.aside.isEmpty }
            #expect(Set(bench.sender.taken) == Set(first + [refused] + others))
            #expect(bench.sender.taken.count == 7 && bench.sender.count(of: refused) > 1)
        }
        #expect(try await bench.progress.failed.isEmpty)
    }

    @Test("fail for an event alone that is taken at none of the attempts, which can be replayed")
    func failure() async throws {
        let bench = WebhookBench()
        try await bench.addEndpoint()
        try await bench.whileSending {
            bench.sender.refuseNext(.failed(WebhookCause(rawValue: 503)))
            _ = try await bench.happen(20)
            try await bench.reached {
                _ = try await bench.happen()
                return try await !bench.progress.failed.isEmpty
            }
            let failed = try #require(try await bench.progress.failed.first)
            let event = failed.place.id(of: bench.source.id)
            #expect(event == bench.sender.refused)
            #expect(bench.sender.count(of: event) == 3 && failed.cause.status == 503 && failed.attempts == 3)
            #expect(try await bench.endpoint?.settings.isEnabled == true)
            bench.sender.takeAll()
            _ = try await bench.shards.run(MoveWebhook(bench.progressID, .replay([failed.place])), at: .zero).get()
            try await bench.reached { bench.sender.taken.contains(event) }
            try await bench.reached { try await !bench.progress.hasFailed(failed.place) }
        }
    }

    @Test("wait with newer events while an endpoint takes nothing, and lose none")
    func outage() async throws {
        var bench = WebhookBench()
        bench.schedule = WebhookSchedule(pauses: Array(repeating: .seconds(3_600), count: 10_000))
        try await bench.addEndpoint()
        try await bench.whileSending { [bench] in
            bench.sender.refuseAll()
            let events = try await bench.happen(WebhookProgress.asideMax + 40)
            try await bench.reached { try await bench.progress.aside.count == WebhookProgress.asideMax }
            let next = events[WebhookProgress.asideMax]
            try await bench.reached { bench.sender.count(of: next) > 3 }
            #expect(bench.sender.count(of: events[WebhookProgress.asideMax + 1]) == 0)
            #expect(bench.health.oldest != nil)
            let hold = try #require(try await WebhookHold.end(of: bench.source, in: bench.shards))
            #expect(hold < (try #require(EventPlace.find(events[0]))).place.index)
            bench.sender.takeAll()
            try await bench.reached { Set(bench.sender.taken) == Set(events) }
        }
    }

    @Test("disable an endpoint that takes nothing at any attempt, or wants no more, and hold no log for it")
    func disabled() async throws {
        for (outcome, fault) in [(WebhookOutcome.failed(.address), WebhookEndpoint.Fault.failing), (.gone, .gone)] {
            let bench = WebhookBench()
            try await bench.addEndpoint()
            bench.sender.refuseAll(outcome)
            try await bench.whileSending {
                let events = try await bench.happen(2)
                try await bench.reached { try await bench.endpoint?.fault == fault }
                #expect(try await WebhookHold.end(of: bench.source, in: bench.shards) == nil)
                try await bench.reached { try await bench.progress.since == nil }
                let attempts = bench.sender.attempts.count
                _ = try await bench.happen(5)
                #expect(try await bench.progress.aside.isEmpty)
                // The other may have been due first.
                #expect(fault == .gone || events.contains { bench.sender.count(of: $0) == 3 })
                #expect(bench.sender.attempts.count == attempts)
                // What comes once it is enabled again is sent.
                bench.sender.takeAll()
                try await bench.enable()
                let later = try await bench.happen(2)
                try await bench.reached { bench.sender.taken == later }
            }
        }
    }

    @Test("give an endpoint up that is so far behind that no log is kept for it")
    func behind() async throws {
        var bench = WebhookBench()
        bench.schedule = WebhookSchedule(pauses: Array(repeating: .seconds(1 << 40), count: 2))
        bench.heldMax = 200
        try await bench.addEndpoint()
        try await bench.whileSending { [bench] in
            bench.sender.refuseAll()
            _ = try await bench.happen(WebhookProgress.asideMax + 10)
            try await bench.reached {
                _ = try await bench.happen()
                let end = try await WebhookHold.end(
                    of: bench.source, for: [bench.endpoint].compactMap(\.self), recordsMax: bench.heldMax)
                let committed = bench.source.journal.committed.rawValue
                #expect(end.map { $0.rawValue + bench.heldMax + 3 >= committed } ?? true)
                return try await bench.endpoint?.fault == .behind
            }
            try await bench.reached { try await bench.progress.failed.count >= WebhookProgress.asideMax }
        }
    }

    @Test("go on under another leader where the last has left, attempts included")
    func takeover() async throws {
        var bench = WebhookBench()
        bench.schedule = WebhookSchedule(pauses: [.seconds(60), .seconds(1 << 40)])
        try await bench.addEndpoint()
        bench.sender.refuseNext()
        let earlier = bench
        try await earlier.whileSending {
            _ = try await earlier.happen(10)
            try await earlier.reached { try await earlier.progress.aside.contains { $0.attempts == 2 } }
            try await earlier.reached {
                _ = try await earlier.happen()
                return try await earlier.progress.position.rawValue > 12
            }
        }
        let before = try await bench.progress
        let attempts = bench.sender.attempts.count
        bench.schedule = WebhookSchedule(pauses: [.seconds(60), .seconds(60)])
        try await bench.whileSending { [bench] in
            let next = try await bench.happen()
            try await bench.reached { bench.sender.taken.contains(next[0]) }
        }
        let resent = bench.sender.attempts.dropFirst(attempts)
        for event in resent {
            let place = try #require(EventPlace.find(event)?.place)
            #expect(place.index > before.position || before.isAside(place), "sent once more: \(event)")
        }
        #expect(try await bench.progress.aside.contains { $0.attempts == 2 })
    }

    @Test("hold no log where there is no endpoint")
    func nothingHeld() async throws {
        let bench = WebhookBench()
        _ = try await bench.happen(5)
        #expect(try await WebhookHold.end(of: bench.source, in: bench.shards) == nil)
        try await bench.addEndpoint()
        #expect(try await WebhookHold.end(of: bench.source, in: bench.shards) == LogIndex(5))
        try await bench.change(.remove(bench.id))
        #expect(try await WebhookHold.end(of: bench.source, in: bench.shards) == nil)
    }
}
