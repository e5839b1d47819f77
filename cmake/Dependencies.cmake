# What we take from others, each as Debian 12 and 13 package it (the lists stand in ./dev).
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(fmt CONFIG REQUIRED)
find_package(date CONFIG REQUIRED) # Howard Hinnant's: GCC 12's chrono has no time zones
find_package(xxHash MODULE REQUIRED)
find_package(SQLite3 MODULE REQUIRED)
find_package(RdKafka MODULE REQUIRED)
find_package(PrometheusCore MODULE REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(MySQLConnector MODULE REQUIRED)
