import ActorSystem
import Commerce
import EventSourcing

/// The events that come.
extension WebhookLane {
    /// What waits in memory.
    private static let limits = LogFollower.Limits(recordsMax: 64, bytesMax: 256 << 10)
    /// Of records of which none is sent, after which the position is written for its own sake.
    static let silentRecordsMax: UInt64 = 4_096
    /// Between two positions, so that few are written: what was sent meanwhile a next leader sends once more.
    private static let writePause = Duration.milliseconds(250)
    /// Between two attempts while it is the endpoint that fails.
    private static let heldPauseMax = Duration.seconds(60)

    /// What has yet to be written of the position.
    private struct Unwritten {
        var written: LogIndex
        var isTaken = false
        var aside: [WebhookDelivery] = []
        var lastWrite: Timestamp

        mutating func note(_ index: LogIndex, at now: Timestamp) {
            self = Unwritten(written: index, lastWrite: now)
        }
    }

    /// - Throws: `IsOver`.
    func sendNew() async throws {
        var unwritten = Unwritten(written: .zero, lastWrite: .zero)
        let log = LogFollower(of: source, limits: Self.limits)
        try await log.follow { _ in
            let position = await progress().position
            unwritten.note(position, at: shared.clock())
            return max(position, LogIndex(source.journal.first.rawValue - 1))
        } _: { stretch in
            try await lookAtEndpoints()
            for record in stretch.records {
                try await checkPlace(record.index)
                for event in try await feed.events(in: [record], of: source) where isWanted(event) {
                    try await send(event, &unwritten)
                }
                try await write(record.index, &unwritten)
            }
            try await write(stretch.last, &unwritten)
        }
    }

    private func isWanted(_ event: FeedEvent) -> Bool {
        guard let types = board.endpoint(id.endpoint, since: since)?.settings.types else { return false }
        return types.isEmpty || types.contains(event.name.description)
    }

    /// Gives an endpoint up that is so far behind that no log is kept for it.
    private func checkPlace(_ index: LogIndex) async throws {
        let endpoint = try endpoint()
        if index <= WebhookHold.limit(of: source, shared.heldMax) { try await giveUp(endpoint, .behind) }
    }

    private func send(_ event: FeedEvent, _ unwritten: inout Unwritten) async throws {
        while true {
            guard let cause = try await attempt(event) else { return unwritten.isTaken = true }
            if await progress().aside.count + unwritten.aside.count < WebhookProgress.asideMax {
                return setAside(event, cause, &unwritten)
            }
            let pause = min(Self.heldPauseMax, shared.schedule.pauses.max() ?? .zero) * Double.random(in: 0.5...1)
            try await rest(for: pause, at: event)
        }
    }

    private func setAside(_ event: FeedEvent, _ cause: WebhookCause, _ unwritten: inout Unwritten) {
        guard let (_, place) = EventPlace.find(event.id) else { preconditionFailure("\(event.id) names no place") }
        let now = shared.clock()
        unwritten.aside.append(
            WebhookDelivery(
                place: place, name: event.name.description, firstAt: now, attempts: 1,
                dueAt: now + (pause(after: 1) ?? .zero), cause: cause))
    }

    /// Waits while the endpoint is there, and looks whether the log is still kept.
    private func rest(for pause: Duration, at event: FeedEvent) async throws {
        guard let (_, place) = EventPlace.find(event.id) else { preconditionFailure("\(event.id) names no place") }
        var left = pause
        while left > .zero {
            try await checkPlace(place.index)
            let part = min(left, WebhookDispatcher.pause)
            try await shared.timer.sleep(for: part)
            left -= part
        }
    }

    /// Writes the position where something has been set aside, and else where it is time.
    private func write(_ index: LogIndex, _ unwritten: inout Unwritten) async throws {
        guard index > unwritten.written else { return }
        let now = shared.clock()
        let isDue = unwritten.isTaken && now.since(unwritten.lastWrite) >= Self.writePause
        let isLongSilent = index.rawValue - unwritten.written.rawValue >= Self.silentRecordsMax
        guard isDue || isLongSilent || !unwritten.aside.isEmpty else { return }
        try await shared.move(
            id, .advance(since: since, to: index, isTaken: unwritten.isTaken, aside: unwritten.aside))
        unwritten.note(index, at: now)
    }
}
