import EventSourcing

/// Which files an archive has, and how they follow each other.
public struct ArchiveListing: Sendable {
    /// A file that holds some of the log.
    public struct Stretch: Hashable, Sendable {
        public let after: UInt64
        public let through: UInt64
        public var name: ArchiveName { .log(after: after, through: through) }
    }

    /// Files that follow each other, and what comes where they end.
    public struct Chain: Sendable {
        public let stretches: [Stretch]
        /// Nil where the archive ends.
        public let end: ArchiveFailure?
    }

    private let place: any ArchivePlace
    /// Of all files.
    public let names: [ArchiveName]
    /// Ascending.
    public let bases: [UInt64]
    /// In their order. One that lies within another, from which it was made, is left out.
    public let stretches: [Stretch]
    private let gaps: [Stretch]

    public init(_ place: any ArchivePlace) async throws {
        self.place = place
        names = try await place.names()
        var bases: [UInt64] = []
        var stretches: [Stretch] = []
        var gaps: [Stretch] = []
        for name in names {
            switch name {
            case .base(let count): bases.append(count)
            case .log(let after, let through): stretches.append(Stretch(after: after, through: through))
            case .gap(let after, let through): gaps.append(Stretch(after: after, through: through))
            }
        }
        self.bases = bases.sorted()
        self.gaps = gaps
        let ordered = stretches.sorted { ($0.after, $1.through) < ($1.after, $0.through) }
        self.stretches = ordered.reduce(into: []) { kept, next in
            if next.through > kept.last?.through ?? 0 { kept.append(next) }
        }
    }

    /// The files that go on behind `position`, that of a base.
    public func chain(behind position: LogPosition) async throws -> Chain {
        var chain: [Stretch] = []
        var reached: UInt64?
        for stretch in stretches {
            if reached == nil {
                let header = try await place.header(stretch.name)
                // All of it is in the base.
                if header.end.isWithin(position) { continue }
                guard header.beginning.isWithin(position) else {
                    return Chain(stretches: chain, end: hole(position.count, stretch.after))
                }
            } else if let reached, stretch.after > reached {
                return Chain(stretches: chain, end: hole(reached, stretch.after))
            }
            chain.append(stretch)
            reached = stretch.through
        }
        // Behind it a base of a later time may have more.
        let end = reached ?? position.count
        let last = gaps.map(\.through).max() ?? 0
        return Chain(stretches: chain, end: last > end ? hole(end, last) : nil)
    }

    /// The file at whose end the archive goes on; nil when it is empty.
    public var newest: ArchiveName? {
        let (log, gap) = (stretches.last?.through ?? 0, gaps.map(\.through).max() ?? 0)
        guard let first = bases.first else { return nil }
        if let last = stretches.last, log >= max(gap, first) { return last.name }
        return .base(bases.contains(gap) ? gap : first)
    }

    private func hole(_ after: UInt64, _ through: UInt64) -> ArchiveFailure {
        let isKnown = gaps.contains { $0.after <= after && after < $0.through }
        return isKnown
            ? .neverArchived(place: place.description, after: after, through: through)
            : .missing(place: place.description, after: after, through: through)
    }

    /// Stretches that lie within others: what was left when those were made of them.
    public var superfluous: [ArchiveName] {
        let kept = Set(stretches.map(\.name))
        return names.filter { name in
            if case .log = name { !kept.contains(name) } else { false }
        }
    }
}
