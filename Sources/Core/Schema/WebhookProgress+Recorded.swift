import Commerce
import EventSourcing
import Wire

extension WebhookProgress: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 15) }

    public static func versionNeeded(for event: Event, of id: WebhookProgressID) -> ClusterVersion { .second }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .began(let since, let index):
                writer.writeHeader(1, schema: 1)
                writer.write(since)
                writer.writeVarint(index.rawValue)
            case .advanced(let index, let time, let aside):
                writer.writeHeader(2, schema: 1)
                writer.writeVarint(index.rawValue)
                writer.writeOptional(time)
                writer.writeArray(aside) { $0.write($1) }
            case .taken(let place, let time):
                writer.writeHeader(3, schema: 1)
                writer.write(place)
                writer.write(time)
            case .postponed(let place, let time, let cause):
                writer.writeHeader(4, schema: 1)
                writer.write(place)
                writer.write(time)
                writer.write(cause.rawValue)
            case .failed(let place, let cause):
                writer.writeHeader(5, schema: 1)
                writer.write(place)
                writer.write(cause.rawValue)
            case .replayed(let places, let time):
                writer.writeHeader(6, schema: 1)
                writer.writeArray(places) { $0.write($1) }
                writer.write(time)
            case .ended: writer.writeHeader(7, schema: 1)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "webhook progress", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                let since = try fields.timestamp()
                return .began(since: since, after: LogIndex(try fields.varint()))
            case (2, 1):
                let index = LogIndex(try fields.varint())
                let time = try fields.optionalTimestamp()
                return .advanced(to: index, takenAt: time, aside: try fields.webhookDeliveries())
            case (3, 1):
                let place = try fields.eventPlace()
                return .taken(place, at: try fields.timestamp())
            case (4, 1):
                let place = try fields.eventPlace()
                let time = try fields.timestamp()
                return .postponed(place, until: time, try fields.webhookCause())
            case (5, 1):
                let place = try fields.eventPlace()
                return .failed(place, try fields.webhookCause())
            case (6, 1):
                let places = try fields.eventPlaces()
                return .replayed(places, at: try fields.timestamp())
            case (7, 1): return .ended
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.writeOptional(since)
            writer.writeVarint(position.rawValue)
            writer.writeArray(aside) { $0.write($1) }
            writer.writeArray(failed) { $0.write($1) }
            writer.writeOptional(takenAt)
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: WebhookProgressID
    ) throws(MalformedBytes) -> WebhookProgress {
        try FieldReader.state(of: "webhook progress", bytes, into: WebhookProgress(id: id)) {
            progress, fields throws(MalformedBytes) in
            progress.since = try fields.optionalTimestamp()
            progress.position = LogIndex(try fields.varint())
            progress.aside = try fields.webhookDeliveries()
            progress.failed = try fields.webhookDeliveries()
            progress.takenAt = try fields.optionalTimestamp()
        }
    }
}

extension RecordWriter {
    package mutating func write(_ place: EventPlace) {
        writeVarint(place.index.rawValue)
        writeVarint(UInt64(place.number))
    }

    package mutating func write(_ delivery: WebhookDelivery) {
        write(delivery.place)
        write(delivery.name)
        write(delivery.firstAt)
        writeVarint(UInt64(delivery.attempts))
        write(delivery.dueAt)
        write(delivery.cause.rawValue)
    }
}

extension FieldReader {
    package mutating func eventPlace() throws(MalformedBytes) -> EventPlace {
        let index = LogIndex(try varint())
        return EventPlace(index: index, number: try number())
    }

    /// - Parameter countMax: of what travels a longer list is refused.
    package mutating func eventPlaces(countMax: Int = .max) throws(MalformedBytes) -> [EventPlace] {
        try array(bytesMin: 2, countMax: countMax) { f throws(MalformedBytes) in try f.eventPlace() }
    }

    package mutating func webhookCause() throws(MalformedBytes) -> WebhookCause {
        WebhookCause(rawValue: try uint16())
    }

    /// - Parameter countMax: of what travels a longer list is refused.
    package mutating func webhookDeliveries(countMax: Int = .max) throws(MalformedBytes) -> [WebhookDelivery] {
        try array(bytesMin: 22, countMax: countMax) { f throws(MalformedBytes) in
            let place = try f.eventPlace()
            let name = try f.string()
            let firstAt = try f.timestamp()
            let attempts = try f.number()
            let dueAt = try f.timestamp()
            return WebhookDelivery(
                place: place, name: name, firstAt: firstAt, attempts: attempts, dueAt: dueAt,
                cause: try f.webhookCause())
        }
    }

    private mutating func number() throws(MalformedBytes) -> Int {
        guard let number = Int(exactly: try varint()) else { throw malformed("a number is outside its range") }
        return number
    }
}
