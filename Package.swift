// swift-tools-version:6.2
import PackageDescription

/// Debug builds, and so all tests, look at every access to a stored property whether another one is under way; in a
/// release build that took a sixteenth of an order's time.
let unchecked: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// Our generics cross target walls on the hot path; without this flag the release build calls them unspecialised.
let optimised: [SwiftSetting] = unchecked + [
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
]

/// What a simulation runs is optimised in debug builds too, for tests run thousands of simulated clusters.
/// `PLANTED_BUGS` lets a test plant bugs (`Mistake`); a release build has none to plant.
let simulated: [SwiftSetting] =
    optimised + [
        .unsafeFlags(["-O"], .when(configuration: .debug)), .define("PLANTED_BUGS", .when(configuration: .debug)),
    ]

/// Without the pass on which Swift 6.3.1 aborts when it optimises the routes: it loses the life of an optional that
/// is part of a value out of another module.
let optimisedRoutes: [SwiftSetting] = unchecked + [
    .unsafeFlags(["-Xllvm", "-sil-disable-pass=copy-propagation"], .when(configuration: .release))
]

/// A released program holds Swift's libraries: a call of the runtime that does not lead through a table of addresses
/// takes a tenth off an order, and a machine needs no Swift.
let released: [SwiftSetting] =
    optimised + [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))]

/// Lines of the source for every address would be two thirds of a program. The names of functions stay.
let linked: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-Xlinker", "--strip-debug"], .when(platforms: [.linux], configuration: .release))
]

/// A node frees on one thread what it took on another, thousands of times a second. With the C library's allocator the
/// slowest hundredth of orders waited half as long again.
let allocating: [LinkerSetting] = [.linkedLibrary("mimalloc", .when(platforms: [.linux]))]

let package = Package(
    name: "cloudretail",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "cloudretail", targets: ["cloudretail"]),
        .executable(name: "cloudretail-simulate", targets: ["cloudretail-simulate"]),
        .executable(name: "payment-simulator", targets: ["payment-simulator"]),
        // For tests: what sets the clock of a program that runs, and spoils its disk.
        .library(name: "MachineFaults", type: .dynamic, targets: ["MachineFaults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.24.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        // C libraries, one importer each.
        .systemLibrary(
            name: "CLMDB", path: "Sources/System/CLMDB", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .systemLibrary(
            name: "CLibCrypto", path: "Sources/System/CLibCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CZstd", path: "Sources/System/CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),

        // The pure core: no I/O, no clock, no randomness.
        .target(name: "EventSourcing", path: "Sources/Core/EventSourcing", swiftSettings: simulated),
        .target(name: "Currencies", path: "Sources/Core/Currencies", swiftSettings: simulated),
        .target(
            name: "Commerce", dependencies: ["Currencies", "EventSourcing"],
            path: "Sources/Core/Commerce", swiftSettings: simulated),
        .target(name: "Wire", path: "Sources/Core/Wire", swiftSettings: simulated),
        .target(
            name: "Schema", dependencies: ["Commerce", "EventSourcing", "Wire"],
            path: "Sources/Core/Schema", swiftSettings: simulated),
        .target(
            name: "Consensus", path: "Sources/Core/Consensus", exclude: ["README.md"], swiftSettings: simulated),
        .target(
            name: "LogFormat", dependencies: ["Consensus", "EventSourcing", "Wire"],
            path: "Sources/Engine/LogFormat", swiftSettings: simulated),

        // The shell.
        .target(
            name: "Storage",
            dependencies: [
                "CLMDB", "Cluster", "Consensus", "EventSourcing", "LogFormat", "Wire",
                .product(name: "DequeModule", package: "swift-collections")
            ],
            path: "Sources/Engine/Storage", exclude: ["README.md"], swiftSettings: optimised),
        .target(
            name: "Cluster", dependencies: ["Consensus", "EventSourcing", "LogFormat", "Wire"],
            path: "Sources/Engine/Cluster", exclude: ["README.md"], swiftSettings: simulated),
        .target(
            name: "ActorSystem",
            dependencies: ["EventSourcing", "Wire", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            path: "Sources/Engine/ActorSystem", swiftSettings: simulated),
        .target(
            name: "Transport",
            dependencies: [
                "Cluster", "Consensus", "WatchedFiles", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Sources/Engine/Transport", exclude: ["README.md"], swiftSettings: optimised),
        .target(
            name: "RemoteCalls",
            dependencies: [
                "ActorSystem", "Cluster", "Consensus", "EventSourcing", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources/Engine/RemoteCalls", exclude: ["README.md"], swiftSettings: optimised),
        // Certificates and keys that are replaced while a node runs.
        .target(name: "WatchedFiles", path: "Sources/Engine/WatchedFiles", swiftSettings: unchecked),
        // An own authority, and a certificate for each node.
        .target(
            name: "NodeCertificates",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Sources/Engine/NodeCertificates", swiftSettings: unchecked),
        .target(
            name: "CatalogueSearch",
            dependencies: [
                "EventSourcing", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/Shop/CatalogueSearch", swiftSettings: optimised),
        .target(
            name: "Steps",
            dependencies: [
                "ActorSystem", "Commerce", "EventSourcing", "Schema", "Wire",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Shop/Steps", swiftSettings: simulated),
        .target(
            name: "Inventory",
            dependencies: ["ActorSystem", "Commerce", "EventSourcing", "Schema", "Steps", "Wire"],
            path: "Sources/Shop/Inventory", swiftSettings: simulated),
        .target(
            name: "Accounts",
            dependencies: ["ActorSystem", "Checkout", "Commerce", "EventSourcing", "Schema", "Steps", "Wire"],
            path: "Sources/Shop/Accounts", swiftSettings: simulated),
        // Raises the version of the cluster once every member reads what may then be written.
        .target(
            name: "Upgrades",
            dependencies: ["ActorSystem", "Checkout", "Commerce", "EventSourcing", "Schema", "Wire"],
            path: "Sources/Shop/Upgrades", swiftSettings: simulated),
        .target(
            name: "Catalogue",
            dependencies: ["ActorSystem", "Commerce", "EventSourcing", "Schema", "Steps", "Wire"],
            path: "Sources/Shop/Catalogue", swiftSettings: simulated),
        .target(
            name: "Checkout",
            dependencies: [
                "ActorSystem", "Commerce", "EventSourcing", "Schema", "Steps", "Wire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Shop/Checkout", exclude: ["README.md"], swiftSettings: simulated),
        .target(
            name: "Gateway",
            dependencies: [
                "Accounts", "ActorSystem", "Catalogue", "CatalogueSearch", "Checkout", "CLibCrypto", "Commerce",
                "EventSourcing", "Inventory", "Schema", "Steps", "WatchedFiles",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Edge/Gateway", resources: [.embedInCode("CommonPasswords.txt")],
            swiftSettings: optimisedRoutes),
        // The services of a cloud that a shop can be run with.
        .target(
            name: "CloudAdapters",
            dependencies: [
                "Checkout", "EventSourcing",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Sources/Edge/CloudAdapters", exclude: ["README.md"], swiftSettings: optimised),
        // Sends the shop's events to endpoints of others.
        .target(
            name: "Webhooks",
            dependencies: [
                "Checkout", "Commerce", "EventSourcing", "Wire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Edge/Webhooks", swiftSettings: optimised),
        .target(
            name: "Workload",
            dependencies: [
                "Currencies",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Tools/Workload", swiftSettings: optimised),

        // One fold of the logs with all judgements: for `verify`, and for the simulator's model of the shop.
        .target(
            name: "Audit", dependencies: ["ActorSystem", "Commerce", "EventSourcing", "Schema", "Wire"],
            path: "Sources/Tools/Audit", swiftSettings: simulated),

        // One file that holds the logs and states of all shards.
        .target(
            name: "Snapshots",
            dependencies: [
                "CZstd", "Consensus", "EventSourcing", "LogFormat", "Storage", "Wire",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Tools/Snapshots", exclude: ["README.md"], swiftSettings: optimised),

        // Whole clusters in one thread, on virtual time, from one seed.
        .target(
            name: "Simulation",
            dependencies: [
                "Accounts", "ActorSystem", "Audit", "Catalogue", "Checkout", "Cluster", "Commerce", "Consensus",
                "EventSourcing", "Inventory", "LogFormat", "Schema", "Steps", "Upgrades", "Wire",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Tools/Simulation", swiftSettings: simulated),

        // Executables.
        .executableTarget(
            name: "cloudretail-simulate",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/Tools/cloudretail-simulate", swiftSettings: released, linkerSettings: linked),
        .executableTarget(
            name: "cloudretail",
            dependencies: [
                "Accounts", "ActorSystem", "Audit", "Catalogue", "CatalogueSearch", "Checkout", "CloudAdapters",
                "Cluster", "Commerce", "Consensus", "EventSourcing", "Gateway", "Inventory", "LogFormat",
                "NodeCertificates", "RemoteCalls", "Schema", "Snapshots", "Steps", "Storage", "Transport", "Upgrades",
                "WatchedFiles", "Webhooks", "Wire", "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Tools/cloudretail", resources: [.embedInCode("openapi.yaml")],
            swiftSettings: released, linkerSettings: linked + allocating),
        .executableTarget(
            name: "payment-simulator",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Tools/payment-simulator", swiftSettings: released, linkerSettings: linked),

        // Tests: one folder per target, and SystemTests for real processes.
        // For tests only: a journal in memory, and a process that the tests of `Storage` maltreat.
        .target(name: "JournalTesting", dependencies: ["EventSourcing"], path: "Tests/JournalTesting"),
        // What every implementation of a port of consensus has to do.
        .target(
            name: "ConsensusTesting", dependencies: ["Cluster", "Consensus", "EventSourcing"],
            path: "Tests/ConsensusTesting"),
        // What every step has to do as bytes, and a shard to run it on.
        .target(
            name: "StepTesting", dependencies: ["ActorSystem", "EventSourcing", "JournalTesting", "Wire"],
            path: "Tests/StepTesting"),
        .target(name: "DiskTrace", path: "Tests/DiskTrace"),
        .target(name: "MachineFaults", path: "Tests/MachineFaults"),
        .target(name: "CertificateTesting", path: "Tests/CertificateTesting"),
        // Programs of ours and of others, as processes of their own.
        .target(name: "ProcessTesting", path: "Tests/ProcessTesting"),
        // A cloud on loopback that checks signatures.
        .target(
            name: "CloudTesting",
            dependencies: ["ProcessTesting", .product(name: "AsyncHTTPClient", package: "async-http-client")],
            path: "Tests/CloudTesting", exclude: ["Python"]),
        .executableTarget(
            name: "storage-torture",
            dependencies: ["ActorSystem", "DiskTrace", "EventSourcing", "JournalTesting", "Storage", "Wire"],
            path: "Tests/storage-torture", swiftSettings: optimised),
        .executableTarget(
            name: "consensus-bench", dependencies: ["Consensus"], path: "Tests/consensus-bench",
            swiftSettings: optimised),
        // Counted in CI, and so optimised in debug builds too.
        .executableTarget(
            name: "engine-bench",
            dependencies: ["ActorSystem", "Checkout", "Commerce", "EventSourcing", "JournalTesting", "Schema"],
            path: "Tests/engine-bench", swiftSettings: simulated),
        .testTarget(
            name: "AccountsTests",
            dependencies: ["Accounts", "ActorSystem", "Commerce", "EventSourcing", "Schema", "StepTesting", "Steps"],
            exclude: ["Golden"]),
        .testTarget(
            name: "UpgradesTests",
            dependencies: [
                "ActorSystem", "Commerce", "EventSourcing", "JournalTesting", "Schema", "StepTesting", "Upgrades",
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "ActorSystemTests",
            dependencies: ["ActorSystem", "Commerce", "EventSourcing", "JournalTesting", "Schema", "Storage", "Wire"]),
        .testTarget(
            name: "AuditTests", dependencies: ["ActorSystem", "Audit", "Commerce", "EventSourcing", "Schema", "Wire"]),
        .testTarget(
            name: "CatalogueTests",
            dependencies: [
                "ActorSystem", "Catalogue", "Commerce", "EventSourcing", "Schema", "StepTesting", "Steps",
            ],
            exclude: ["Golden"]),
        .testTarget(name: "CatalogueSearchTests", dependencies: ["CatalogueSearch", "EventSourcing"]),
        .testTarget(
            name: "CheckoutTests",
            dependencies: [
                "ActorSystem", "Checkout", "Commerce", "EventSourcing", "JournalTesting", "Schema", "StepTesting",
                "Steps", "Storage", "payment-simulator", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "CloudAdaptersTests",
            dependencies: [
                "CloudAdapters", "CloudTesting", "EventSourcing",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "Consensus", "EventSourcing"]),
        .testTarget(
            name: "CloudRetailTests",
            dependencies: [
                "ActorSystem", "Audit", "Checkout", "CloudAdapters", "CloudTesting", "Cluster", "Commerce", "Consensus",
                "EventSourcing", "Gateway", "Schema", "Simulation", "Snapshots", "Storage", "cloudretail", "Wire",
                "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], exclude: ["Golden"]),
        .testTarget(name: "CommerceTests", dependencies: ["Commerce", "EventSourcing"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Accounts", "ActorSystem", "CatalogueSearch", "CertificateTesting", "Checkout", "Commerce",
                "EventSourcing", "Gateway", "Inventory", "Schema", "StepTesting", "Steps", "Storage",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "InventoryTests",
            dependencies: [
                "ActorSystem", "Commerce", "EventSourcing", "Inventory", "Schema", "StepTesting", "Steps",
            ],
            exclude: ["Golden"]),
        .testTarget(name: "ConsensusTests", dependencies: ["Consensus", "ConsensusTesting"], exclude: ["Scripts"]),
        .testTarget(
            name: "PaymentSimulatorTests",
            dependencies: [
                "payment-simulator",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "NodeCertificatesTests",
            dependencies: [
                "NodeCertificates",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .testTarget(
            name: "RemoteCallsTests",
            dependencies: [
                "ActorSystem", "Cluster", "Commerce", "Consensus", "EventSourcing", "JournalTesting",
                "NodeCertificates", "RemoteCalls", "Schema", "Steps", "Transport", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Cluster", "Consensus", "ConsensusTesting", "EventSourcing", "LogFormat", "NodeCertificates",
                "Transport", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .testTarget(
            name: "SchemaTests", dependencies: ["Commerce", "EventSourcing", "Schema", "StepTesting", "Wire"],
            exclude: ["Golden"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Consensus", "ConsensusTesting", "EventSourcing", "LogFormat", "Simulation", "cloudretail-simulate",
            ]),
        .testTarget(
            name: "SnapshotsTests",
            dependencies: ["Consensus", "EventSourcing", "LogFormat", "Snapshots", "Storage"]),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Cluster", "Consensus", "ConsensusTesting", "EventSourcing", "JournalTesting", "LogFormat", "Storage",
                "Wire",
            ]),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "Audit", "CertificateTesting", "cloudretail", "CloudTesting", "Commerce", "EventSourcing",
                "payment-simulator", "ProcessTesting", "Storage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // How the code reads, as far as a program can tell.
        .testTarget(name: "TidyTests"),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "Checkout", "CloudTesting", "Commerce", "EventSourcing", "Webhooks",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(name: "WireTests", dependencies: ["Wire"]),
        .testTarget(
            name: "WorkloadTests",
            dependencies: [
                "Workload",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
    ]
)
