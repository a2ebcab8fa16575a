// ActorSystem
