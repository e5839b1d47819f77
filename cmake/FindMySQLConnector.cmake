# MySQL Connector/C++, its JDBC-like interface: Debian's package, Oracle's own packages (headers
# below mysql-cppconn*/jdbc), or, on Debian 12, the headers that ./dev unpacks into build/packages
# beside the packaged library, as the -dev package does not go with Boost 1.81. Gives
# MySQL::Connector.
set(unpacked "${PROJECT_SOURCE_DIR}/build/packages/mysql-connector")
find_path(MySQLConnector_INCLUDE_DIR cppconn/driver.h
    HINTS "${unpacked}/usr/include"
    PATH_SUFFIXES jdbc mysql-cppconn/jdbc mysql-cppconn-9/jdbc mysql-cppconn-8/jdbc)
find_library(MySQLConnector_LIBRARY
    NAMES mysqlcppconn libmysqlcppconn.so.10 libmysqlcppconn.so.9 libmysqlcppconn.so.7
    PATH_SUFFIXES lib64)
mark_as_advanced(MySQLConnector_INCLUDE_DIR MySQLConnector_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MySQLConnector
    REQUIRED_VARS MySQLConnector_LIBRARY MySQLConnector_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "./dev build installs it on Debian")

if(MySQLConnector_FOUND AND NOT TARGET MySQL::Connector)
    add_library(MySQL::Connector UNKNOWN IMPORTED)
    # Its headers are of another house: no warnings from them.
    set_target_properties(MySQL::Connector PROPERTIES
        IMPORTED_LOCATION "${MySQLConnector_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${MySQLConnector_INCLUDE_DIR}"
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MySQLConnector_INCLUDE_DIR}")
endif()
