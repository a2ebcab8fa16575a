import CloudTesting
import EventSourcing
import Foundation
import Testing

@testable import CloudAdapters

@Suite("S3", .timeLimit(.minutes(10))) struct S3ClientTests {
    /// A client of a cloud of the test's own.
    private func with(
        clockAhead difference: Duration = .zero, _ body: (S3Client, CloudServer, TestFolder) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        let cloud = try await CloudServer(in: folder.url)
        let s3 = S3Client(try CloudSettings(.s3, environment: await cloud.environment), policy: .hasty) {
            Timestamp.present + difference
        }
        do {
            try await body(s3, cloud, folder)
        } catch {
            await s3.shutdown()
            throw error
        }
        await s3.shutdown()
        try await cloud.stop()
    }

    private func location(_ key: String) throws -> S3Location { try #require(S3Location(bucket: "shop", key: key)) }

    @Test("keeps what is written under any key, lists it in order and deletes it")
    func keys() async throws {
        try await with { s3, _, _ in
            let keys = ["a b/+&=?", "a/../b//c", "plain", "ä漢🙂", "x%2Fy", "z<&>'\""]
            for key in keys { try await s3.put(Array(key.utf8), to: try location(key)) }
            for key in keys { #expect(try await s3.get(try location(key)) == Array(key.utf8), "\(key)") }
            let found = try await s3.list("shop", countMax: 100)
            #expect(found.map(\.location.key) == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            #expect(found.first?.size == 8)
            for key in keys { try await s3.delete(try location(key)) }
            try await s3.delete(try location("never there"))
            #expect(try await s3.list("shop", countMax: 100).isEmpty)
        }
    }

    @Test("lists page by page")
    func pages() async throws {
        try await with { s3, _, _ in
            for number in 10..<35 { try await s3.put([1], to: try location("n\(number)")) }
            try await s3.put([1], to: try location("other"))
            #expect(try await s3.list("shop", prefix: "n", countMax: 7).map(\.location.key).last == "n16")
            let rest = try await s3.list("shop", prefix: "n", after: "n16", countMax: 100)
            #expect(rest.map(\.location.key) == (17..<35).map { "n\($0)" })
        }
    }

    @Test("writes once where it may not replace, and knows its own writing again")
    func once() async throws {
        try await with { s3, cloud, _ in
            let place = try location("once")
            try await s3.put([1], to: place, replacing: false)
            await #expect(throws: CloudFailure.alreadyThere("s3://shop/once")) {
                try await s3.put([2], to: place, replacing: false)
            }
            #expect(try await s3.get(place) == [1])
            // Done, and answered with an error: the next attempt finds the object there.
            for number in 0..<12 {
                try await cloud.set([.lost: 0.5])
                try await s3.put([3], to: try location("lost-\(number)"), replacing: false)
            }
        }
    }

    @Test("carries files of any size in both directions, under faults")
    func files() async throws {
        try await with { s3, cloud, folder in
            for size in [0, 1, S3Client.partBytes, 2 * S3Client.partBytes + 12_345] {
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
                try Data(bytes).write(to: folder.url.appending(path: "source"))
                try await cloud.set([.unavailable: 0.2, .throttled: 0.2])
                try await s3.upload(file: folder.file("source"), to: try location("file"))
                let target = folder.file("target-\(size)")
                try await s3.download(try location("file"), to: target)
                #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data(bytes), "\(size)")
                await #expect(throws: CloudFailure.self) { try await s3.download(try location("file"), to: target) }
                await #expect(throws: CloudFailure.alreadyThere("s3://shop/file")) {
                    try await s3.upload(file: folder.file("source"), to: try location("file"), replacing: false)
                }
            }
            try await cloud.set([:])
            await #expect(throws: CloudFailure.self) {
                try await s3.download(try location("absent"), to: folder.file("absent"))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.file("absent")))
        }
    }

    @Test("is told of headers by which browsers are served")
    func heads() async throws {
        try await with { s3, _, _ in
            let head = S3ObjectHead(contentType: "text/css", cacheControl: "no-cache", contentEncoding: "br")
            try await s3.put([1], to: try location("style.css"), head)
            let answer = try await s3.send(CloudRequest(.get, "/shop/style.css"))
            #expect(answer.header("content-type") == "text/css" && answer.header("content-encoding") == "br")
            #expect(answer.header("cache-control") == "no-cache")
        }
    }

    @Test(
        "is used with a clock that is hours away from the service's",
        arguments: [Duration.seconds(7_200), .seconds(-7_200)])
    func skew(_ difference: Duration) async throws {
        try await with(clockAhead: difference) { s3, _, _ in
            try await s3.put([1], to: try location("skewed"))
            #expect(try await s3.get(try location("skewed")) == [1])
        }
    }

    @Test("refuses a key that is not the service's, at once")
    func forged() async throws {
        try await with { _, cloud, _ in
            var environment = await cloud.environment
            environment["AWS_SECRET_ACCESS_KEY"] = "another"
            let forger = S3Client(try CloudSettings(.s3, environment: environment), clock: { .present })
            let begun = ContinuousClock.now
            let failure = await #expect(throws: CloudFailure.self) { try await forger.put([1], to: try location("x")) }
            guard case .refused(let refusal) = failure else { return #expect(Bool(false), "\(failure as Any)") }
            #expect(refusal.code == "SignatureDoesNotMatch" && begun.duration(to: .now) < .seconds(5))
            await forger.shutdown()
        }
    }

    @Test("takes credentials from a container's service, and others when those have ended")
    func container() async throws {
        try await with { _, cloud, _ in
            let url = await cloud.url
            let settings = try CloudSettings(
                .s3,
                environment: [
                    "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "HOME": "/nowhere",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/test/credentials",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "for-the-container",
                ])
            let s3 = S3Client(settings, clock: { .present })
            try await s3.put([1], to: try location("from-a-container"))
            #expect(try await s3.get(try location("from-a-container")) == [1])
            await s3.shutdown()
        }
    }

    @Test("gives up on a service that is not there, within its limits")
    func absent() async throws {
        let environment = [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
        ]
        let s3 = S3Client(try CloudSettings(.s3, environment: environment), policy: .hasty, clock: { .present })
        let failure = await #expect(throws: CloudFailure.self) { try await s3.put([1], to: try location("x")) }
        guard case .unavailable = failure else { return #expect(Bool(false), "\(failure as Any)") }
        await s3.shutdown()
    }
}

extension CloudPolicy {
    /// So that faults cost a test little time.
    static var hasty: CloudPolicy {
        var policy = CloudPolicy()
        policy.timeLimit = .seconds(30)
        policy.retries.perCallMax = 12
        policy.retries.percentOfCalls = 1_000
        policy.retries.burst = 1_000
        policy.retries.pauseFirst = .milliseconds(5)
        policy.retries.pauseMax = .milliseconds(50)
        policy.breaker.failurePercent = 101
        return policy
    }
}

extension Timestamp {
    static var present: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
