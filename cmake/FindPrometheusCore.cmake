# prometheus-cpp has a CMake package, which also asks for what its other parts need: a web server,
# curl. Gives Prometheus::core, the metrics and their text alone.
find_path(PrometheusCore_INCLUDE_DIR prometheus/registry.h)
find_library(PrometheusCore_LIBRARY prometheus-cpp-core)
mark_as_advanced(PrometheusCore_INCLUDE_DIR PrometheusCore_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PrometheusCore
    REQUIRED_VARS PrometheusCore_LIBRARY PrometheusCore_INCLUDE_DIR)

if(PrometheusCore_FOUND AND NOT TARGET Prometheus::core)
    add_library(Prometheus::core UNKNOWN IMPORTED)
    set_target_properties(Prometheus::core PROPERTIES
        IMPORTED_LOCATION "${PrometheusCore_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${PrometheusCore_INCLUDE_DIR}")
endif()
