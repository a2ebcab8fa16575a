import ActorSystem
import Commerce
import EventSourcing

/// The events that were not taken.
extension WebhookLane {
    /// Sends again what is due, one after the other.
    ///
    /// - Throws: `IsOver`.
    func sendAgain() async throws {
        defer { shared.health.note([], of: id) }
        while true {
            let endpoint = try endpoint()
            let progress = await progress()
            shared.health.note(progress.aside, of: id)
            let limit = WebhookHold.limit(of: source, shared.heldMax)
            if let old = progress.aside.first(where: { $0.place.index <= limit }) {
                try await shared.move(id, .fail(old.place, .expired))
            } else if let due = progress.aside.min(by: { $0.dueAt < $1.dueAt }), due.dueAt <= shared.clock() {
                try await sendAgain(due, to: endpoint, progress)
            } else {
                try await shared.timer.sleep(for: WebhookDispatcher.pause)
            }
        }
    }

    private func sendAgain(
        _ delivery: WebhookDelivery, to endpoint: WebhookEndpoint, _ progress: WebhookProgress
    ) async throws {
        let place = delivery.place
        guard let event = try await event(at: place) else { return try await shared.move(id, .fail(place, .expired)) }
        guard let cause = try await attempt(event) else { return try await shared.move(id, .take(place)) }
        if let pause = pause(after: delivery.attempts + 1) {
            return try await shared.move(id, .postpone(place, until: shared.clock() + pause, cause))
        }
        try await shared.move(id, .fail(place, cause))
        // An endpoint that takes others goes on without this one.
        let takenAt = await self.progress().takenAt
        if takenAt.map({ $0 < delivery.firstAt }) ?? true { try await giveUp(endpoint, .failing) }
    }

    /// - Returns: nil when the log no longer has it.
    private func event(at place: EventPlace) async throws -> FeedEvent? {
        let records: [JournalRecord]
        do {
            records = try source.journal.records(from: place.index, countMax: 1, bytesMax: 1)
        } catch is LogTruncated { return nil }
        let record = records.filter { $0.index == place.index }
        return try await feed.events(in: record, of: source).first { $0.id == place.id(of: source.id) }
    }
}
