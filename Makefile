# `make test` and `make demo` do all their own set-up in a fresh clone; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv

# A sourced ROS 2 installation is used; without one ROS 2 comes as wheels.
ROS := $(or $(and $(ROS_DISTRO),$(shell $(PYTHON) -c 'import rclpy' 2>/dev/null && echo $(ROS_DISTRO))),wheels)
READY := $(VENV)/.ready-$(ROS)
PACKAGING := setup.py setup.cfg pyproject.toml constraints.txt

ifeq ($(ROS),wheels)
EXTRAS := torch,train,export,tools,dev,ray,ros
# No wheels of these exist. A test that skips for want of any other package fails.
MAY_LACK := cv_bridge launch launch_ros message_filters
else
EXTRAS := torch,train,export,tools,dev,ray
VENV_OPTIONS := --system-site-packages
# The messages and rclpy of an installation carry no types.
MYPY_OPTIONS := --allow-subclassing-any --no-warn-return-any --no-warn-unused-ignores
endif

# In a browser one looks at reports, which a robot has none of: `make test CHROMIUM=needed` in CI.
ifneq ($(CHROMIUM),needed)
MAY_LACK += chromium
endif

# The tests that need no torch run on these too, where the machine has them.
OTHER_PYTHONS := 3.10 3.12
OTHERS_MAY_LACK := torch ray playwright colcon_core cv_bridge launch launch_ros message_filters
ifneq ($(shell uname -m),x86_64)
OTHERS_MAY_LACK += rclpy ament_index_python
endif
WITHOUT_ROS := env -u PYTHONPATH -u AMENT_PREFIX_PATH -u LD_LIBRARY_PATH

.PHONY: help test demo animation lint format clean test-main $(OTHER_PYTHONS:%=test-%)
.NOTPARALLEL:

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

test: lint test-main $(OTHER_PYTHONS:%=test-%) ## set-up, lint, types and every test

demo: $(READY) ## rain on a real stereo scene, derained by the node; results in demo/
	$(VENV)/bin/apanet demo

animation: demo ## the readme's animated before and after, from the bags of the demo
	$(VENV)/bin/apanet view demo/rainy demo/derained -o docs/images/before_after.webp \
	    --width 480 --quality 60 --force

lint: $(READY) ## ruff, format check, mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy $(MYPY_OPTIONS)

format: $(READY) ## rewrite the code in the project's format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean: ## remove the environments and all that was made
	rm -rf .venv .venv-* build install log demo dist *.egg-info .*_cache .hypothesis

test-main: $(READY)
	APANET_MAY_LACK="$(MAY_LACK)" $(VENV)/bin/python -m pytest

$(OTHER_PYTHONS:%=test-%): test-%: .venv-%/.ready
	@if [ -e $< ]; then \
	    $(WITHOUT_ROS) APANET_MAY_LACK="$(OTHERS_MAY_LACK)" .venv-$*/bin/python -m pytest; \
	fi

$(READY): $(PACKAGING)
	tools/set_up $@ $(PYTHON) $(EXTRAS) $(VENV_OPTIONS)

$(OTHER_PYTHONS:%=.venv-%/.ready): .venv-%/.ready: $(PACKAGING)
	@python=$$(tools/find_python $*); \
	if [ "$$python" ]; then \
	    $(WITHOUT_ROS) tools/set_up $@ "$$python" onnx,tools,test,ros; \
	else \
	    echo "Python $* is not on this machine: the tests that need no torch do not run on it."; \
	fi
