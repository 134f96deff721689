#!/usr/bin/env bash
# The launcher, ./swiftdeploy, in a tree of its own: a one-class program, and a `mvn` that
# takes as long, fails and is broken off as a case wants. Java is the real one.

# shellcheck source=hack/lib.sh disable=SC2034 # conditions are read by eval
. "$(dirname "$0")/../lib.sh"

need java javac jar
REAL_JAVA_HOME=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')
unset JAVA_HOME SWIFTDEPLOY_JAVA_OPTS SWIFTDEPLOY_NO_BUILD MAVEN_OPTS

scratch
TREE="$SCRATCH/a tree – with blanks"
MVN=$SCRATCH/mvn
OUT=$SCRATCH/out
ERR=$SCRATCH/err

# ---- the tree ------------------------------------------------------------------
mkdir -p "$TREE"/{app,compose-fallback,operator/core,operator/cli}/src/main/java "$MVN" "$SCRATCH/classes"
cp "$ROOT/swiftdeploy" "$TREE/"
touch "$TREE"/{pom.xml,app/pom.xml,compose-fallback/pom.xml,operator/core/pom.xml,operator/cli/pom.xml} \
  "$TREE"/{app/src/main/java/App.java,operator/core/src/main/java/Core.java}
cat >"$TREE/operator/cli/src/main/java/Main.java" <<'JAVA'
public class Main {
  public static void main(String[] args) throws Exception {
    System.out.println("home " + System.getProperty("swiftdeploy.home"));
    System.out.println("launcher " + System.getProperty("swiftdeploy.launcher"));
    System.out.println("pid " + ProcessHandle.current().pid());
    for (String arg : args) System.out.println("[" + arg + "]");
    System.out.println("max " + Runtime.getRuntime().maxMemory() / (1024 * 1024));
    if (args.length > 0 && args[0].equals("run")) {
      System.err.println("up");
      Thread.sleep(60_000);
    }
    if (args.length > 0 && args[0].equals("exit")) System.exit(Integer.parseInt(args[1]));
  }
}
JAVA
javac -d "$SCRATCH/classes" "$TREE/operator/cli/src/main/java/Main.java"
jar --create --file "$MVN/swiftdeploy.jar" --main-class Main -C "$SCRATCH/classes" Main.class

cat >"$MVN/mvn" <<'SH'
#!/usr/bin/env bash
set -eu
here=$(dirname "$(readlink -f "$0")")
echo "$*" >>"$here/calls"
echo $$ >"$here/pid"
echo 'Downloaded from somewhere: a-library.jar'
echo '[INFO] Building Something 1.0-SNAPSHOT                        [1/1]'
rm -f operator/cli/target/swiftdeploy.jar
for ((i = $(cat "$here/takes") * 10; i > 0; i--)); do sleep 0.1; done
[ ! -f "$here/fails" ] || { echo '[ERROR] Core.java:[3,1] that is no Java'; exit 1; }
mkdir -p operator/cli/target/{lib,lib-kubernetes} app/target
cp "$here/swiftdeploy.jar" operator/cli/target/
touch app/target/app.jar
SH
chmod +x "$MVN/mvn"
PATH=$MVN:$PATH
echo 0 >"$MVN/takes"

# ---- helpers -------------------------------------------------------------------
FAILED=
pass() { printf 'PASS  %s\n' "$*"; }
fail() { printf 'FAIL  %s\n' "$*"; FAILED=1; }

launch() { # argument…: stdout, stderr and STATUS of ./swiftdeploy
  STATUS=0
  "$TREE/swiftdeploy" "$@" >"$OUT" 2>"$ERR" </dev/null || STATUS=$?
}
builds() { if [ -f "$MVN/calls" ]; then wc -l <"$MVN/calls"; else echo 0; fi; }
built() { [ "$(builds)" -eq "$1" ]; }
change() { sleep 0.02; touch "$TREE/${1:-operator/core/src/main/java/Core.java}"; }
answered() { [ "$STATUS" = 0 ] && grep -qxF "home $TREE" "$OUT"; }
said() { grep -qF -- "$1" "$ERR"; }
silent() { [ ! -s "$ERR" ]; }
no_output() { [ ! -s "$OUT" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

check() { # obligation; then lines of conditions, read from stdin and evaluated: all must hold
  local condition
  while IFS= read -r condition; do
    if ! eval "$condition"; then
      fail "$1"
      printf 'not so: %s (status %s)\n--- stdout\n%s\n--- stderr\n%s\n' \
        "$condition" "${STATUS:-}" "$(tail -n 20 "$OUT")" "$(tail -n 20 "$ERR")" >&2
      return
    fi
  done
  pass "$1"
}

background() { # name argument…: in a process group of its own, where Ctrl-C is not ignored
  local name=$1
  shift
  set -m
  "$TREE/swiftdeploy" "$@" >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err" </dev/null &
  set +m
  LAUNCHED=$!
}
status_of() { STATUS=0; wait "$1" || STATUS=$?; }

# tools_without NAME…: sets TOOLS to a folder with what the launcher calls, but for those named
tools_without() {
  local tool
  TOOLS=$(mktemp -d "$SCRATCH/tools.XXXXXX")
  for tool in bash cat cp date env dirname find flock grep head java javac mkdir mv mvn readlink rm sleep tail touch wc; do
    [[ " $* " == *" $tool "* ]] || ln -s "$(type -P "$tool")" "$TOOLS/$tool"
  done
}

# ---- building ------------------------------------------------------------------
launch version
check "a first start builds, and answers" <<'IF'
answered
built 1
said "building SwiftDeploy: it is not built yet"
said "[1/1] Something"
said "downloading libraries (first time)"
IF
check "what a build says goes to stderr" <<'IF'
[ "$(wc -l <"$OUT")" = 5 ]
IF

launch version
check "a second start builds nothing and says nothing" <<'IF'
answered
built 1
silent
IF

ln -s "$TREE/swiftdeploy" "$SCRATCH/absolute"
(cd "$SCRATCH" && ln -s absolute relative)
(cd / && "$SCRATCH/relative" 'two words' '' '*' >"$OUT" 2>"$ERR")
check "through symbolic links, from another folder, arguments stay as they are" <<'IF'
answered
grep -qxF "[two words]" "$OUT"
grep -qxF "[]" "$OUT"
grep -qxF "[*]" "$OUT"
grep -qxF "launcher $TREE/swiftdeploy" "$OUT"
IF

LC_ALL=C launch version
check "in the locale C, too, a path may have letters that are not ASCII's" <<'IF'
answered
silent
IF

launch exit 3
check "the exit code is the command's" <<'IF'
[ "$STATUS" = 3 ]
IF

change
launch version
check "a changed source leads to a build that leaves the sample service alone" <<'IF'
answered
built 2
said "operator/core/src/main/java/Core.java changed"
[[ $(tail -n 1 "$MVN/calls") == *"-pl operator/cli -am"* ]]
IF

change app/src/main/java/App.java
launch version
check "a changed sample service is built alone" <<'IF'
answered
built 3
[[ $(tail -n 1 "$MVN/calls") == *"-pl app -am"* ]]
IF

touch "$TREE/operator/core/src/main/java/Old.java"
launch version
sleep 0.02
rm "$TREE/operator/core/src/main/java/Old.java"
launch version
check "a deleted source leads to a build" <<'IF'
answered
built 5
IF

# ---- a build that fails --------------------------------------------------------
touch "$MVN/fails"
change
launch version
check "a failing build: exit 1, no output, the error, and where the log is" <<'IF'
[ "$STATUS" = 1 ]
no_output
said "Core.java:[3,1] that is no Java"
said "$TREE/target/swiftdeploy/build.log"
IF
SWIFTDEPLOY_NO_BUILD=1 launch version
check "SWIFTDEPLOY_NO_BUILD starts the last good build" <<'IF'
answered
silent
IF
rm "$MVN/fails"
launch version
check "a failed build is begun anew" <<'IF'
answered
built 7
IF

# ---- two at once, and builds that are broken off ---------------------------------
two_at_once() {
  local first second
  echo 1 >"$MVN/takes"
  change
  background one version
  first=$LAUNCHED
  background two version
  second=$LAUNCHED
  status_of "$second"
  SECOND=$STATUS
  status_of "$first"
  cat "$SCRATCH/one.err" "$SCRATCH/two.err" >"$ERR"
  cat "$SCRATCH/one.out" "$SCRATCH/two.out" >"$OUT"
}
two_at_once
check "of two starts at once one builds, the other waits" <<'IF'
answered
[ "$SECOND" = 0 ]
built 8
said "another start is building"
IF

PATH_BEFORE=$PATH
tools_without flock
PATH=$TOOLS two_at_once
check "the same where there is no flock" <<'IF'
answered
[ "$SECOND" = 0 ]
built 9
said "another start is building"
IF
mkdir -p "$TREE/target/swiftdeploy/lock.d"
(exit 0) & # a pid that is no more
wait $!
echo $! >"$TREE/target/swiftdeploy/lock.d/pids"
change
PATH=$TOOLS launch version
check "a lock whose holder has died is taken over" <<'IF'
answered
built 10
IF
PATH=$PATH_BEFORE

break_off() { # signal
  echo 30 >"$MVN/takes"
  rm -f "$MVN/pid"
  change
  background broken version
  eventually 10 test -s "$MVN/pid" || true
  kill "-$1" "$LAUNCHED"
  status_of "$LAUNCHED"
  cp "$SCRATCH/broken.out" "$OUT"
  cp "$SCRATCH/broken.err" "$ERR"
  MAVEN=$(cat "$MVN/pid")
}
break_off INT
check "Ctrl-C ends the build and its Maven" <<'IF'
[ "$STATUS" = 130 ]
no_output
said "broken off"
gone "$MAVEN"
IF
break_off TERM
check "so does SIGTERM" <<'IF'
[ "$STATUS" = 143 ]
gone "$MAVEN"
IF
echo 0 >"$MVN/takes"
launch version
check "a build that was broken off is begun anew" <<'IF'
answered
built 13
IF

break_off KILL
echo 0 >"$MVN/takes"
background after version
eventually 10 grep -q "another start is building" "$SCRATCH/after.err" || true
kill "$MAVEN" || true # rather than wait for its end
status_of "$LAUNCHED"
cp "$SCRATCH/after.out" "$OUT"
cp "$SCRATCH/after.err" "$ERR"
check "after kill -9 the next start waits for the Maven that is left, then builds" <<'IF'
answered
said "another start is building"
built 15
IF

# ---- the JVM -------------------------------------------------------------------
background daemon run
DAEMON=$LAUNCHED
eventually 10 grep -q up "$SCRATCH/daemon.err" || true
cp "$SCRATCH/daemon.out" "$OUT"
RUNS_FROM=$TREE/target/swiftdeploy/$(cat "$TREE/target/swiftdeploy/current")
for _ in 1 2 3; do
  change
  launch version
done
check "a daemon keeps the jars that it runs from, whatever is built after" <<'IF'
[ -f "$RUNS_FROM/swiftdeploy.jar" ]
IF
cp "$SCRATCH/daemon.out" "$OUT"
check "a daemon's memory is bounded, and its pid is the launcher's" <<'IF'
grep -qxF "pid $DAEMON" "$OUT"
[ "$(sed -n 's/^max //p' "$OUT")" -le 128 ]
IF
kill "$DAEMON"
status_of "$DAEMON"
change
launch version
check "builds that nothing runs from are cleared away" <<'IF'
[ ! -e "$RUNS_FROM" ]
[ "$(find "$TREE/target/swiftdeploy" -name swiftdeploy.jar | wc -l)" = 2 ]
IF

# The JDK shares no classes from a path with blanks in it.
PLAIN=$SCRATCH/plain
cp -R "$TREE" "$PLAIN"
rm -r "$PLAIN/target"
SWIFTDEPLOY_JAVA_OPTS=-Xlog:class+load=info:stdout "$PLAIN/swiftdeploy" version >"$OUT" 2>"$ERR"
check "classes are shared from an archive" <<'IF'
grep -q ' Main source: shared objects file (top)' "$OUT"
IF
touch "$PLAIN/target/swiftdeploy/$(cat "$PLAIN/target/swiftdeploy/current")/swiftdeploy.jar"
STATUS=0
"$PLAIN/swiftdeploy" version >"$OUT" 2>"$ERR" || STATUS=$?
check "an archive that no longer fits is passed over in silence" <<'IF'
[ "$STATUS" = 0 ]
silent
[ "$(wc -l <"$OUT")" = 5 ]
IF

SWIFTDEPLOY_JAVA_OPTS="-Xmx64m -Dx=y" launch version
check "SWIFTDEPLOY_JAVA_OPTS win" <<'IF'
answered
[ "$(sed -n 's/^max //p' "$OUT")" -le 64 ]
IF
SWIFTDEPLOY_JAVA_OPTS=-XX:+NoSuchThing launch version
check "what the JVM itself has to say does not get into stdout" <<'IF'
[ "$STATUS" = 1 ]
no_output
said NoSuchThing
IF
SWIFTDEPLOY_JAVA_OPTS=-XX:+UseParallelGC launch version
check "another collector may be chosen" <<'IF'
answered
silent
IF

# ---- what is missing -----------------------------------------------------------
tools_without java javac
PATH=$TOOLS launch version
check "no java: exit 1, and how to get one" <<'IF'
[ "$STATUS" = 1 ]
no_output
said "a JDK 17 or later is needed, and there is no java on the PATH"
said "apt-get install openjdk-17-jdk-headless"
IF
JAVA_HOME=$SCRATCH launch version
check "a JAVA_HOME that is none is named" <<'IF'
[ "$STATUS" = 1 ]
said "JAVA_HOME is $SCRATCH, where there is no bin/java"
IF

fake_jdk() { # name: sets JDK to a folder with a bin/java
  JDK=$SCRATCH/$1
  mkdir -p "$JDK/bin"
  ln -s "$REAL_JAVA_HOME/bin/java" "$JDK/bin/java.real"
  cat >"$JDK/bin/java"
  chmod +x "$JDK/bin/java"
}
fake_jdk jdk-8 <<'SH'
#!/bin/sh
SH
printf 'JAVA_VERSION="1.8.0_392"\r\n' >"$JDK/release"
JAVA_HOME=$JDK launch version
check "an old java is refused, with its version" <<'IF'
[ "$STATUS" = 1 ]
no_output
said "$JDK/bin/java is 1.8.0_392"
IF
fake_jdk jdk-11 <<'SH'
#!/bin/sh
printf '    java.home = /somewhere\n    java.version = 11.0.2\n' >&2
SH
JAVA_HOME=$JDK launch version
check "also where only java itself tells it" <<'IF'
[ "$STATUS" = 1 ]
said "$JDK/bin/java is 11.0.2"
IF
fake_jdk stub <<'SH'
#!/bin/sh
echo 'Unable to locate a Java Runtime.' >&2
exit 1
SH
JAVA_HOME=$JDK launch version
check "a java that does not run is told with what it said" <<'IF'
[ "$STATUS" = 1 ]
said "Unable to locate a Java Runtime."
said "apt-get install"
IF
fake_jdk shim <<'SH'
#!/bin/sh
exec "${0%/*}/java.real" "$@"
SH
JAVA_HOME=$JDK launch version
check "a java that is a script works" <<'IF'
answered
silent
IF
fake_jdk jre <<'SH'
#!/bin/sh
exec "${0%/*}/java.real" "$@"
SH
echo 'JAVA_VERSION="17.0.1"' >"$JDK/release"
JAVA_HOME=$JDK launch version
check "a runtime without compiler is enough where nothing is to be built" <<'IF'
answered
IF
change
JAVA_HOME=$JDK launch version
check "where something is, it is refused" <<'IF'
[ "$STATUS" = 1 ]
no_output
said "a runtime without compiler"
IF
tools_without mvn
PATH=$TOOLS launch version
check "no Maven: exit 1, why it is needed, and how to get it" <<'IF'
[ "$STATUS" = 1 ]
no_output
said "operator/core/src/main/java/Core.java changed"
said "apt-get install maven"
IF
launch version
PATH=$TOOLS launch version
check "no Maven is needed where nothing is to be built" <<'IF'
answered
silent
IF

[ -z "$FAILED" ]
