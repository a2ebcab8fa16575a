import Consensus
import EventSourcing
import Foundation
import LogFormat
import Storage
import Testing

@testable import Snapshots

/// Encrypted snapshots of some pieces each, which differ in nothing but their keys and salts.
@Suite struct SealedFileTests {
    private static let sealedBytes = FileSeal.pieceBytes + FileSeal.tagBytes
    private let key = SnapshotKey([UInt8](repeating: 7, count: 32))!
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sealed-\(UUID().uuidString)").path

    /// The bytes of a snapshot of so many bytes or a few more, which no compression makes smaller.
    private static func plain(_ count: Int) -> [UInt8] {
        let end = EntryID(term: Term(1), index: EntryIndex(1))
        let header = SnapshotHeader(
            file: 1, cluster: 2, node: NodeID(3), takenAt: .zero, program: "0",
            shards: [LogBounds(base: .zero, end: end, checkpoint: .zero)])
        var encoder = SnapshotEncoder(header)
        let body = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
        let entry = Entry(id: end, payload: .record(RecordPayload.encode(body, at: .zero)))
        return encoder.beginning + encoder.chunk([entry], of: ShardID(0)) + encoder.end()
    }

    private func write(_ bytes: [UInt8], key: SnapshotKey?) async throws -> [UInt8] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/written"
        try await SnapshotFile.create(at: path, replacing: true, key: key) { output in
            for piece in bytes.chunks(of: 30_011) { try output.append(Array(piece)) }
        }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// What reading these bytes as a file ends in.
    private func refusal(_ bytes: [UInt8], key: SnapshotKey?) throws -> String? {
        let path = folder + "/read"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
            _ = try SnapshotFile(path: path, key: key)
            return nil
        } catch {
            return "\(error)".replacing(path, with: "FILE")
        }
    }

    private func withFolder(_ body: () async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body()
    }

    @Test func whatWasEncryptedIsReadWithItsKeyAlone() async throws {
        try await withFolder {
            let plain = Self.plain(200_000)
            let sealed = try await write(plain, key: key)
            #expect(sealed.count == plain.count + FileSeal.headerBytes + 4 * FileSeal.tagBytes)
            #expect(try refusal(sealed, key: key) == nil)
            #expect(
                try refusal(sealed, key: nil) == "FILE is encrypted: --key-file has to name the file with its key")
            let other = SnapshotKey([UInt8](repeating: 8, count: 32))
            #expect(try refusal(sealed, key: other) == "FILE is encrypted with another key than that of --key-file")
            #expect(try refusal(plain, key: key) == "FILE is not encrypted: --key-file is to be left out")
            let snapshot = try SnapshotFile(path: folder + "/written", key: key)
            #expect(snapshot.isEncrypted)
            #expect(try snapshot.logs[0].records(from: .zero).map(\.bytes.count) == [200_000])
        }
        #expect(SnapshotKey([UInt8](repeating: 7, count: 31)) == nil)
    }

    @Test func nothingIsSealedTwiceAlike() async throws {
        try await withFolder {
            let plain = Self.plain(100_000)
            let (one, other) = (try await write(plain, key: key), try await write(plain, key: key))
            let same = zip(one[FileSeal.headerBytes...], other[FileSeal.headerBytes...]).count { $0 == $1 }
            // One byte in 256 by chance.
            #expect(same < one.count / 128)
        }
        let (seal, piece) = (FileSeal(key), [UInt8](repeating: 0, count: 10_000)[...])
        let (first, second) = (
            seal.seal(piece, number: 0, isLast: false), seal.seal(piece, number: 1, isLast: false)
        )
        #expect(zip(first, second).count { $0 == $1 } < piece.count / 128)
    }

    @Test func whatEndsAtAPieceIsWhole() async throws {
        try await withFolder {
            // The first length past which one piece becomes two is met somewhere in between.
            let frame = Self.plain(60_000).count - 60_000
            for count in (-3...3).map({ FileSeal.pieceBytes - frame + $0 }) {
                let sealed = try await write(Self.plain(count), key: key)
                #expect(try refusal(sealed, key: key) == nil, "\(count)")
            }
        }
    }

    @Test func whatIsCutShortSwappedOrMixedIsRefused() async throws {
        try await withFolder {
            let plain = Self.plain(300_000)
            let (one, other) = (try await write(plain, key: key), try await write(plain, key: key))
            func piece(_ number: Int) -> Range<Int> {
                let start = FileSeal.headerBytes + number * Self.sealedBytes
                return start..<start + Self.sealedBytes
            }
            func damaged(_ number: Int) -> String {
                let place = "encrypted piece \(number) at byte \(piece(number).lowerBound)"
                return "FILE is damaged at \(place): it is not what was sealed here"
            }
            #expect(try refusal(Array(one[..<piece(1).lowerBound]), key: key) == damaged(0))
            for whole in 2...4 {
                let said = try refusal(Array(one[..<piece(whole).lowerBound]), key: key)
                let end = "the file ends at byte \(whole * FileSeal.pieceBytes)"
                #expect(said?.hasPrefix("FILE is damaged at chunk 0") == true && said?.hasSuffix(end) == true)
            }
            for count in (0..<100).map({ _ in Int.random(in: 0..<one.count) }) + Array(0...FileSeal.headerBytes + 20) {
                #expect(try refusal(Array(one[..<count]), key: key) != nil, "cut at \(count)")
            }
            var swapped = one
            swapped.replaceSubrange(piece(1), with: one[piece(2)])
            swapped.replaceSubrange(piece(2), with: one[piece(1)])
            #expect(try refusal(swapped, key: key) == damaged(1))
            var mixed = one
            mixed.replaceSubrange(piece(3), with: other[piece(3)])
            #expect(try refusal(mixed, key: key) == damaged(3))
            let salted = Array(other[..<FileSeal.headerBytes] + one[FileSeal.headerBytes...])
            #expect(try refusal(salted, key: key) == damaged(0))
            #expect(try refusal(one + [0], key: key) != nil)
        }
    }

    @Test func everyFlippedBitIsNoticed() async throws {
        try await withFolder {
            let sealed = try await write(Self.plain(70_000), key: key)
            let header = 0..<(FileSeal.headerBytes * 8)
            for bit in Array(header) + (0..<500).map({ _ in Int.random(in: 0..<sealed.count * 8) }) {
                var damaged = sealed
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(try refusal(damaged, key: key) != nil, "bit \(bit)")
            }
        }
    }
}

extension Array {
    fileprivate func chunks(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
