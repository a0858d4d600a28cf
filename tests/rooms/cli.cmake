check(cli_options LABELS unit NEEDS cli)
check(run_preflight LABELS unit NEEDS run)
check(run_quick LABELS unit NEEDS run)
check(run_interrupt LABELS unit NEEDS run)
check(run_reach LABELS unit NEEDS run)

# Whole rehearsals of the built program on the scripted engine.
add_test(NAME rehearsal_fake COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/fake/rehearsal_fake.py)
set_tests_properties(rehearsal_fake PROPERTIES LABELS fake TIMEOUT 300 ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")

add_test(NAME command_line COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/unit/command_line.py)
set_tests_properties(command_line PROPERTIES LABELS unit TIMEOUT 180 ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
