import Audit
import EventSourcing
import Foundation
import Testing

extension SystemTests {
    @Suite("An archive", .timeLimit(patience)) struct ArchiveTests {
        @Test("of a shop gives it back as it was at any record")
        func anyRecord() async throws {
            try await LocalShop.with { shop in
                let archive = LocalArchive(folder: shop.folder, urls: [await shop.url], tokenFile: shop.tokenFile)
                #expect(try await shop.order(key: "before").status == 201)
                let first = try #require(try await archive.catchUp())
                for number in 0..<3 { #expect(try await shop.order(key: "\(number)").status == 201) }
                let last = try #require(try await archive.catchUp())
                #expect(first.count < last.count && first.isWithin(last))
                try await shop.stopAtRest()
                // Before the first base, out of the log that the base has; then from the base on.
                let indexes = [
                    1, .random(in: 1..<first.count), first.count, .random(in: first.count...last.count), last.count,
                ]
                for index in indexes {
                    let base = shop.folder.appending(path: "restored-\(index)-\(UUID().uuidString.prefix(4))").path
                    let position = try #require(try await archive.restore(to: base, until: "0:\(index)"))
                    #expect(position == LogPosition([LogIndex(index)]))
                    try Self.compare(shop.dataDirectory, with: base, at: position)
                }
                let base = shop.folder.appending(path: "refused").path
                let complaint = try await archive.refusal(of: "2999-01-01T00:00:00Z", to: base)
                let end = try #require(complaint.firstMatch(of: /ends at (\S+Z), with record (\d+)/))
                #expect(String(end.2) == "\(last.count)")
                let all = try await archive.restore(to: base + "-all", until: String(end.1))
                #expect(all == last)
                for until in ["\(last.count + 1_000)", "1:1", "1,1", "1999-01-01T00:00:00Z"] {
                    try await archive.restore(to: base, until: until, expecting: 1)
                }
                try await archive.restore(to: base, until: "yesterday", expecting: 64)
            }
        }

        /// The restored node makes of its states and log what the records of the old one made of the shop.
        static func compare(_ old: String, with base: String, at position: LogPosition) throws {
            let there = try FoldedShop.records(of: old, upTo: position)
            let here = try FoldedShop.states(of: base + "/node-1/data", upTo: position)
            #expect(here.firstDifference(from: there) == nil, "at \(position)")
            #expect(here.orderCount == there.orderCount && here.unitsOnHand == there.unitsOnHand, "at \(position)")
        }
    }
}
