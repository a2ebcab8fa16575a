import AsyncHTTPClient
import EventSourcing
import Foundation
import Testing

extension SystemTests {
    @Suite("The place of an archive", .timeLimit(patience)) struct ArchivePlaceTests {
        @Test("holds back what retention would delete; one that has lost it begins anew and notes the gap")
        func held() async throws {
            try await LocalShop.with(serving: ["--log-retention", "age:1s"]) { shop in
                let archive = LocalArchive(folder: shop.folder, urls: [await shop.url], tokenFile: shop.tokenFile)
                let first = try #require(try await archive.catchUp()).count
                // One that will never tell how far it is.
                let idle = shop.folder.appending(path: "idle")
                try FileManager.default.copyItem(atPath: archive.path, toPath: idle.path)

                try await Self.order(at: shop, until: "\(first - 2)")
                #expect(try await shop.statusOfFeed(after: "\(first)") == 200)
                let last = try #require(try await archive.catchUp()).count
                #expect(try archive.files("gap").isEmpty)

                try await Self.order(at: shop, until: "\(first)")
                try FileManager.default.moveItem(atPath: archive.path, toPath: archive.path + "-whole")
                try FileManager.default.moveItem(atPath: idle.path, toPath: archive.path)
                let anew = try #require(try await archive.catchUp()).count
                #expect(try archive.files("gap").count == 1 && archive.files("base").count == 2)
                let base = shop.folder.appending(path: "restored").path
                try await archive.restore(to: base, until: "0:\(last)", expecting: 1)
                let position = try await archive.restore(to: base)
                #expect(position == LogPosition([LogIndex(anew)]))
                // What it lacks the other one has.
                try await archive.restore(to: base + "-whole", until: "0:\(last)", from: archive.path + "-whole")
            }
        }

        /// Orders until what comes behind `position` is gone.
        private static func order(at shop: LocalShop, until position: String) async throws {
            var number = 0
            while try await shop.statusOfFeed(after: position) != 410 {
                number += 1
                #expect(try await shop.order(key: "\(position)-\(number)").status == 201)
            }
        }

        @Test("is kept for administrators: others are told so, and do not go on")
        func denied() async throws {
            try await LocalShop.with { shop in
                let customer = try await shop.register("customer@example.com")
                let tokenFile = shop.folder.appending(path: "customer-token").path
                try Data(customer.utf8).write(to: URL(fileURLWithPath: tokenFile))
                let archive = LocalArchive(folder: shop.folder, urls: [await shop.url], tokenFile: tokenFile)
                try await archive.catchUp(expecting: 1)
                let follower = try ChildProcess("cloudretail", archive.arguments([]), in: shop.folder)
                #expect(try await follower.exit() == 1)
                let complaint = try follower.complained
                #expect(complaint.contains("403"), "\(complaint)")
            }
        }

        @Test("is one process's at a time, and goes on from where the last one ended")
        func once() async throws {
            try await LocalShop.with { shop in
                let archive = LocalArchive(folder: shop.folder, urls: [await shop.url], tokenFile: shop.tokenFile)
                try await archive.follow {
                    try await archive.wait { !$0.isEmpty }
                    #expect(try await shop.order(key: "one").status == 201)
                    try await archive.wait { $0.contains { $0.hasPrefix("log") } }
                    try await archive.catchUp(expecting: 1)
                }
                let before = try archive.files()
                #expect(try await shop.order(key: "two").status == 201)
                try await archive.catchUp()
                #expect(try archive.files() != before && archive.files("base").count == 1)
                try await shop.stopAtRest()
                try await archive.restore(to: shop.folder.appending(path: "restored").path)
            }
        }
    }
}

extension LocalShop {
    /// How a reader of the events is received; the events themselves are not read.
    fileprivate func statusOfFeed(after position: String) async throws -> Int {
        var request = HTTPClientRequest(url: "\(url)/api/v1/events?after=\(position)")
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        return Int(try await HTTPClient.shared.execute(request, timeout: Answer.timeMax).status.code)
    }
}
