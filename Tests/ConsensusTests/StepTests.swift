import Testing

@testable import Consensus

@Suite("Taking in messages")
struct StepTests {
    @Test(
        "refuses what no honest member sends",
        arguments: [
            Message.Body.append(previous: .zero, entries: [Example.entry(1, 2)], commit: .zero),
            .append(previous: Example.id(1, 1), entries: [Example.entry(0, 2)], commit: .zero),
            .append(previous: .zero, entries: [Example.entry(4, 1)], commit: .zero),
            .append(previous: Example.id(1, .max), entries: [], commit: .zero),
            .append(previous: .zero, entries: [], commit: EntryIndex(.max)),
            .appendAccepted(matched: EntryIndex(.max)),
            .appendRejected(at: EntryIndex(.max), hint: .zero),
            .appendRejected(at: .zero, hint: Example.id(0, .max)),
            .heartbeat(commit: EntryIndex(.max), readMark: 0),
            .installSnapshot(Snapshot(last: Example.id(9, 1), membership: Example.membership(1))),
            .installSnapshot(Snapshot(last: Example.id(1, .max), membership: Example.membership(1))),
            .propose([.empty]),
        ])
    func malformed(body: Message.Body) {
        var replica = Example.replica(of: Example.membership(1, 2))
        #expect(throws: StepRefusal.malformed) { try replica.hear(body, term: 3) }
        let (hasReady, failure) = (replica.hasReady, replica.failure)
        #expect(!hasReady && failure == nil)
    }

    @Test("refuses an empty proposal, term 0, a term past all limits, and a sender without a name or with ours")
    func malformedFrame() {
        var replica = Example.replica(of: Example.membership(1, 2))
        #expect(throws: StepRefusal.malformed) { try replica.hear(.propose([]), term: 0) }
        #expect(throws: StepRefusal.malformed) { try replica.hear(.timeoutNow, term: 0) }
        #expect(throws: StepRefusal.malformed) { try replica.hear(.timeoutNow, term: .max) }
        #expect(throws: StepRefusal.malformed) { try replica.hear(.timeoutNow, term: 1, from: 0) }
        #expect(throws: StepRefusal.malformed) { try replica.hear(.vote(isGranted: true), term: 1, from: 1) }
    }

    @Test("refuses what is meant for another node, and answers from strangers")
    func misdelivered() {
        var replica = Example.replica(of: Example.membership(1, 2))
        #expect(throws: StepRefusal.misdelivered(to: NodeID(3))) {
            try replica.step(Message(from: NodeID(2), to: NodeID(3), term: Term(1), body: .timeoutNow))
        }
        #expect(throws: StepRefusal.unknownPeer(NodeID(9))) {
            try replica.hear(.vote(isGranted: true), term: 1, from: 9)
        }
    }

    /// Node 1 leads nodes 1 and 2 in term 1, with entry 1 on its own disk.
    private func leader(on store: MemoryLogStore, forwardsProposals: Bool = false) throws -> Replica {
        var replica = Example.replica(of: Example.membership(1, 2), on: store) {
            $0.preVotes = false
            $0.forwardsProposals = forwardsProposals
            $0.uncommittedBytesMax = 10
        }
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 1)
        _ = try replica.settle(on: store)
        return replica
    }

    @Test("does not believe in entries that the leader never had")
    func acknowledgedTooMuch() throws {
        let store = MemoryLogStore()
        var replica = try leader(on: store)
        try replica.hear(.appendAccepted(matched: EntryIndex(99)), term: 1)
        #expect(replica.status.hardState.commit == .zero)
        try replica.hear(.appendAccepted(matched: EntryIndex(1)), term: 1)
        #expect(replica.status.hardState.commit == EntryIndex(1))
    }

    @Test("tells a candidate of an earlier term of the later one", arguments: [true, false])
    func earlierCandidate(preVotes: Bool) throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store) { $0.preVotes = preVotes }
        // It rises by itself: it does not hear of the others.
        try replica.hear(.vote(isGranted: false), term: 9)
        _ = try replica.settle(on: store)
        try replica.hear(
            preVotes ? .requestPreVote(last: .zero) : .requestVote(last: .zero, forTransfer: false), term: 4)
        let sent = try replica.settle(on: store)
        #expect(sent.map(\.term) == [Term(9)])
        #expect(sent.map(\.body) == [preVotes ? .preVote(isGranted: false) : .vote(isGranted: false)])
    }

    @Test("does not install a snapshot of a group that it does not belong to")
    func foreignSnapshot() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        let snapshot = Snapshot(last: Example.id(1, 9), membership: Example.membership(2, 3))
        try replica.hear(.installSnapshot(snapshot), term: 1)
        let sent = try replica.settle(on: store)
        #expect(sent.map(\.body) == [.appendAccepted(matched: .zero)])
        #expect(replica.status.membership == Example.membership(1, 2))
    }

    @Test("refuses what another node decided, or takes it within the limit, as configured")
    func passedOn() throws {
        let store = MemoryLogStore()
        var strict = try leader(on: store)
        #expect(throws: StepRefusal.proposal(.passedOn(by: NodeID(2)))) {
            try strict.hear(.propose([.record([1])]), term: 0)
        }
        var lenient = try leader(on: MemoryLogStore(), forwardsProposals: true)
        try lenient.hear(.propose([.record([UInt8](repeating: 1, count: 8))]), term: 0)
        #expect(throws: StepRefusal.proposal(.uncommittedBytes(max: 10))) {
            try lenient.hear(.propose([.record([1, 2, 3])]), term: 0)
        }
    }

    @Test("a follower that may not pass on says who leads")
    func notLeader() throws {
        var replica = Example.replica(of: Example.membership(1, 2))
        #expect(throws: ProposalRefusal.noLeader) { _ = try replica.propose([[1]]) }
        try replica.hear(.heartbeat(commit: .zero, readMark: 0), term: 1)
        #expect(throws: ProposalRefusal.notLeader(leader: NodeID(2))) { _ = try replica.propose([[1]]) }
    }

    @Test("survives any message whatever, and stays what it was or stops")
    func garbage() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<300 {
            let store = MemoryLogStore()
            var replica = Example.replica(of: Example.membership(1, 2, 3), on: store) {
                $0.forwardsProposals = Bool.random(using: &random)
            }
            for _ in 0..<60 {
                let message = Message.random(&random)
                try? replica.step(message)
                if random.chance(20) { _ = try? replica.settle(on: store) }
                if random.chance(10) { replica.tick() }
                if random.chance(5) { replica.campaign() }
                if random.chance(10) { _ = try? replica.propose([[1]]) }
                if random.chance(5) { try? replica.read(id: 3) }
            }
            #expect(replica.log.applied <= replica.log.committed && replica.log.committed <= replica.log.lastIndex)
        }
    }
}

extension Message {
    /// Small numbers, so that they often fit together, and sometimes huge ones.
    static func random(_ random: inout SplitMix64) -> Message {
        func number() -> UInt64 {
            random.chance(5) ? .random(in: 0 ... .max, using: &random) : .random(in: 0...5, using: &random)
        }
        func id() -> EntryID { EntryID(term: Term(number()), index: EntryIndex(number())) }
        let previous = id()
        let entries = (0..<Int.random(in: 0...3, using: &random)).map { offset in
            Entry(
                id: EntryID(term: Term(number()), index: EntryIndex(previous.index.rawValue &+ UInt64(offset) &+ 1)),
                payload: .empty)
        }
        let flag = Bool.random(using: &random)
        let membership = Example.membership(1, 2)
        let bodies: [Body] = [
            .requestPreVote(last: id()), .requestVote(last: id(), forTransfer: flag), .preVote(isGranted: flag),
            .vote(isGranted: flag), .append(previous: previous, entries: entries, commit: EntryIndex(number())),
            .append(previous: .zero, entries: [Example.entry(1, 1)], commit: EntryIndex(number())),
            .appendAccepted(matched: EntryIndex(number())), .appendRejected(at: EntryIndex(number()), hint: id()),
            .heartbeat(commit: EntryIndex(random.chance(90) ? 0 : number()), readMark: number()),
            .heartbeatAnswer(readMark: number()), .installSnapshot(Snapshot(last: id(), membership: membership)),
            .timeoutNow, .propose([.empty]), .readIndex(ReadRequest(node: NodeID(number()), id: number())),
            .readIndexAnswer(ReadState(index: EntryIndex(number()), id: number())),
            .transferLeadership(to: NodeID(number())),
        ]
        let body = bodies.randomElement(using: &random)!
        let message = Message(from: NodeID(number()), to: NodeID(1), term: Term(number()), body: body)
        return message.isPassedOn ? Message(from: message.from, to: message.to, term: .zero, body: body) : message
    }
}
