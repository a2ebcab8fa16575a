import Consensus
import Wire

/// The byte form of what replicas say to each other, on the way from one node to another.
///
///     message:  kind (1), term, then by kind
///       1 request pre-vote    last
///       2 request vote        last, for transfer (1)
///       3 pre-vote            is granted (1)
///       4 vote                is granted (1)
///       5 append              previous, commit, entries: { term, payload }      indexes follow `previous`
///       6 append accepted     matched
///       7 append rejected     index, hint
///       8 heartbeat           commit, read mark
///       9 heartbeat answer    read mark
///      10 install snapshot    last, membership
///      11 timeout now         -
///      12 propose             payloads: { payload }
///      13 read index          node, id
///      14 read index answer   index, id
///      15 transfer            node
///     entry id:  term, index
///     payload:   layout as in the log (1), then for a record (1) or a change of membership (3) a blob
///
/// Numbers are varints. Who speaks and who is meant stand in the frame (`Cluster.Frame`), once for all its messages.
/// Whether a message makes sense is for the replica to judge: what is read here is only what its bytes say.
public enum MessageForm {
    /// The shortest message: kind and term.
    public static let bytesMin = 2

    private enum Kind: UInt8 {
        case requestPreVote = 1
        case requestVote = 2
        case preVote = 3
        case vote = 4
        case append = 5
        case appendAccepted = 6
        case appendRejected = 7
        case heartbeat = 8
        case heartbeatAnswer = 9
        case installSnapshot = 10
        case timeoutNow = 11
        case propose = 12
        case readIndex = 13
        case readIndexAnswer = 14
        case transferLeadership = 15
    }

    // MARK: - Writing

    public static func write(_ message: Message, into writer: inout RecordWriter) {
        func begin(_ kind: Kind) {
            writer.write(kind.rawValue)
            writer.writeVarint(message.term.rawValue)
        }
        switch message.body {
        case .requestPreVote(let last):
            begin(.requestPreVote)
            write(last, into: &writer)
        case .requestVote(let last, let forTransfer):
            begin(.requestVote)
            write(last, into: &writer)
            writer.write(forTransfer)
        case .preVote(let isGranted):
            begin(.preVote)
            writer.write(isGranted)
        case .vote(let isGranted):
            begin(.vote)
            writer.write(isGranted)
        case .append(let previous, let entries, let commit):
            begin(.append)
            write(previous, into: &writer)
            writer.writeVarint(commit.rawValue)
            writer.writeArray(entries) { writer, entry in
                writer.writeVarint(entry.term.rawValue)
                write(entry.payload, into: &writer)
            }
        case .appendAccepted(let matched):
            begin(.appendAccepted)
            writer.writeVarint(matched.rawValue)
        case .appendRejected(let index, let hint):
            begin(.appendRejected)
            writer.writeVarint(index.rawValue)
            write(hint, into: &writer)
        case .heartbeat(let commit, let readMark):
            begin(.heartbeat)
            writer.writeVarint(commit.rawValue)
            writer.writeVarint(readMark)
        case .heartbeatAnswer(let readMark):
            begin(.heartbeatAnswer)
            writer.writeVarint(readMark)
        case .installSnapshot(let snapshot):
            begin(.installSnapshot)
            write(snapshot.last, into: &writer)
            MembershipForm.write(snapshot.membership, into: &writer)
        case .timeoutNow: begin(.timeoutNow)
        case .propose(let payloads):
            begin(.propose)
            writer.writeArray(payloads) { write($1, into: &$0) }
        case .readIndex(let request):
            begin(.readIndex)
            writer.writeVarint(request.node.rawValue)
            writer.writeVarint(request.id)
        case .readIndexAnswer(let state):
            begin(.readIndexAnswer)
            writer.writeVarint(state.index.rawValue)
            writer.writeVarint(state.id)
        case .transferLeadership(let node):
            begin(.transferLeadership)
            writer.writeVarint(node.rawValue)
        }
    }

    private static func write(_ id: EntryID, into writer: inout RecordWriter) {
        writer.writeVarint(id.term.rawValue)
        writer.writeVarint(id.index.rawValue)
    }

    private static func write(_ payload: Entry.Payload, into writer: inout RecordWriter) {
        switch payload {
        case .record(let bytes) where bytes.isEmpty: writer.write(EntryForm.Layout.empty)
        case .record(let bytes):
            writer.write(EntryForm.Layout.record)
            writer.write(bytes)
        case .membershipChange(let change):
            writer.write(EntryForm.Layout.membershipChange)
            var form = RecordWriter()
            MembershipForm.write(change, into: &form)
            writer.write(form.bytes)
        }
    }

    // MARK: - Reading

    /// Reads the next message, which `sender` sent to `receiver`.
    public static func read(
        _ reader: inout RecordReader, from sender: NodeID, to receiver: NodeID
    ) throws(FormatDamage) -> Message {
        do {
            guard let kind = Kind(rawValue: try reader.readByte()) else { throw FormatDamage("an unknown message") }
            let term = Term(try reader.readVarint())
            return Message(from: sender, to: receiver, term: term, body: try readBody(kind, &reader))
        } catch {
            throw error as? FormatDamage ?? FormatDamage("a message that cannot be read")
        }
    }

    private static func readBody(_ kind: Kind, _ reader: inout RecordReader) throws -> Message.Body {
        switch kind {
        case .requestPreVote: return .requestPreVote(last: try readID(&reader))
        case .requestVote:
            return .requestVote(last: try readID(&reader), forTransfer: try reader.readBool())
        case .preVote: return .preVote(isGranted: try reader.readBool())
        case .vote: return .vote(isGranted: try reader.readBool())
        case .append: return try readAppend(&reader)
        case .appendAccepted: return .appendAccepted(matched: try readIndex(&reader))
        case .appendRejected: return .appendRejected(at: try readIndex(&reader), hint: try readID(&reader))
        case .heartbeat: return .heartbeat(commit: try readIndex(&reader), readMark: try reader.readVarint())
        case .heartbeatAnswer: return .heartbeatAnswer(readMark: try reader.readVarint())
        case .installSnapshot:
            let last = try readID(&reader)
            return .installSnapshot(
                Snapshot(last: last, membership: try MembershipForm.readMembership(&reader)))
        case .timeoutNow: return .timeoutNow
        // A payload is a byte at least.
        case .propose: return .propose(try reader.readArray { try readPayload(&$0) })
        case .readIndex:
            return .readIndex(ReadRequest(node: NodeID(try reader.readVarint()), id: try reader.readVarint()))
        case .readIndexAnswer:
            return .readIndexAnswer(ReadState(index: try readIndex(&reader), id: try reader.readVarint()))
        case .transferLeadership: return .transferLeadership(to: NodeID(try reader.readVarint()))
        }
    }

    private static func readAppend(_ reader: inout RecordReader) throws -> Message.Body {
        let previous = try readID(&reader)
        let commit = try readIndex(&reader)
        // So that the index of the last entry fits its type.
        guard previous.index <= .max else { throw FormatDamage("an entry that no log reaches") }
        var index = previous.index
        // A term and a layout are a byte each at least.
        let entries = try reader.readArray(bytesMin: 2) { reader in
            index = index.next
            let id = EntryID(term: Term(try reader.readVarint()), index: index)
            return Entry(id: id, payload: try readPayload(&reader))
        }
        return .append(previous: previous, entries: entries, commit: commit)
    }

    private static func readPayload(_ reader: inout RecordReader) throws -> Entry.Payload {
        switch try reader.readByte() {
        case EntryForm.Layout.empty: return .empty
        case EntryForm.Layout.record:
            let bytes = try reader.readBlob()
            guard !bytes.isEmpty else { throw FormatDamage("a record without bytes") }
            return .record(Array(bytes))
        case EntryForm.Layout.membershipChange:
            return .membershipChange(try MembershipForm.readChange(try reader.readBlob()))
        default: throw FormatDamage("an unknown payload")
        }
    }

    private static func readID(_ reader: inout RecordReader) throws -> EntryID {
        EntryID(term: Term(try reader.readVarint()), index: try readIndex(&reader))
    }

    private static func readIndex(_ reader: inout RecordReader) throws -> EntryIndex {
        EntryIndex(try reader.readVarint())
    }
}
