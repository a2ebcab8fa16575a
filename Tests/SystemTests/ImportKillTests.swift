import Foundation
import Testing

enum ImportKills {
    /// A few with every test run, 50 before a release.
    static let wanted = KillHunt.setting("IMPORT_KILLS") ?? 4
}

extension SystemTests {
    /// An import that is killed and run again ends where one that was let alone ends.
    @Suite("An import killed at random moments", .timeLimit(.minutes(10 + ImportKills.wanted)))
    struct ImportKillTests {
        private static let seed = KillHunt.setting("IMPORT_KILLS_SEED") ?? Int.random(in: 0..<1_000_000)
        private static let products = 300

        @Test("run again, also with a corrected file, it ends with the catalogue and the stock of one clean run")
        func killed() async throws {
            print("import kills: \(ImportKills.wanted), seed \(Self.seed)")
            var generator = SplitMix(state: UInt64(Self.seed))
            let moments = (0..<ImportKills.wanted).map { _ in Double.random(in: 0...1, using: &generator) }
            try await LocalShop.with(shards: 4, catalogue: LocalShop.emptyCatalogue) { shop in
                let duration = try await ContinuousClock().measure {
                    try await Self.importing(Self.catalogue("clean"), "clean", shop)
                }
                let clean = try await Self.state(of: "clean", shop)
                try #require(clean.stock.count == 600 && clean.products.count == Self.products)
                for (number, moment) in moments.enumerated() {
                    let name = "kill\(number)"
                    // Many kills outlast a token.
                    try await shop.logIn()
                    let isFaulty = number % 2 == 1
                    try await Self.killing(
                        Self.catalogue(name, isFaulty: isFaulty), name, shop, after: duration * moment)
                    if isFaulty {
                        try await Self.importing(Self.catalogue(name, isFaulty: true), name, shop, expecting: 1)
                    }
                    try await Self.importing(Self.catalogue(name), name, shop)
                    let after = try await Self.state(of: name, shop)
                    #expect(after == clean, "seed \(Self.seed), kill \(number) after \(moment) of \(duration)")
                }
            }
        }

        /// Products of one to three variants. Of a faulty file some rows have too many units, others a stray comma.
        private static func catalogue(_ name: String, isFaulty: Bool = false) -> String {
            var text = "handle,sku,title,price,currency,quantity\n"
            for product in 1...products {
                for variant in 1...(1 + product % 3) {
                    let hasTooMany = isFaulty && product % 50 == 0 && variant == 1
                    let comma = isFaulty && product % 50 == 25 && variant == 2 ? "," : ""
                    let quantity = hasTooMany ? 2_000_000_000_000 : product + variant
                    text += "h\(product),\(name)-\(product)-\(variant),\(name) \(product)\(comma),"
                    text += "9.99,EUR,\(quantity)\n"
                }
            }
            return text
        }

        private static func start(_ catalogue: String, _ name: String, _ shop: LocalShop) async throws -> ChildProcess {
            let file = shop.folder.appending(path: "\(name).csv")
            try Data(catalogue.utf8).write(to: file)
            let arguments = ["import", "catalogue", file.path, "--url", await shop.url, "--token-file", shop.tokenFile]
            return try ChildProcess("cloudretail", arguments, in: shop.folder)
        }

        private static func importing(
            _ catalogue: String, _ name: String, _ shop: LocalShop, expecting status: Int32 = 0
        ) async throws {
            let child = try await start(catalogue, name, shop)
            let ended = try await child.exit()
            let (said, complained) = (try child.said, try child.complained)
            try #require(ended == status, "\(said)\n\(complained)")
        }

        private static func killing(
            _ catalogue: String, _ name: String, _ shop: LocalShop, after moment: Duration
        ) async throws {
            let child = try await start(catalogue, name, shop)
            try await Task.sleep(for: moment)
            child.kill()
            _ = try await child.exit()
        }

        private struct State: Equatable {
            /// Units on hand by SKU, without the name of the run.
            var stock: [String: Int64] = [:]
            /// The title and the SKUs of each product, likewise.
            var products: Set<String> = []
        }

        private static func state(of name: String, _ shop: LocalShop) async throws -> State {
            var state = State()
            for line in try await all("/inventory?limit=200", shop) {
                guard let sku = line["sku"].string, sku.hasPrefix("\(name)-") else { continue }
                state.stock[String(sku.dropFirst(name.count))] = line["on_hand"].integer
            }
            for product in try await all("/products?limit=100&q=\(name)&sort=newest", shop) {
                guard product["title"].string?.hasPrefix("\(name) ") == true else { continue }
                let skus = product["variants"].elements.compactMap { $0["sku"].string }
                let text = "\(product["title"].string ?? ""): \(skus.joined(separator: " "))"
                state.products.insert(text.replacing("\(name)-", with: "").replacing("\(name) ", with: ""))
            }
            return state
        }

        /// Every element of a list, page by page.
        private static func all(_ path: String, _ shop: LocalShop) async throws -> [JSON] {
            var elements: [JSON] = []
            var cursor: String?
            repeat {
                let answer = try await shop.send(.GET, path + (cursor.map { "&cursor=\($0)" } ?? ""))
                try #require(answer.status == 200, "\(path): \(answer.text)")
                let page = try answer.json
                elements += page["data"].elements
                cursor = page["next_cursor"].string
            } while cursor != nil
            return elements
        }
    }
}
