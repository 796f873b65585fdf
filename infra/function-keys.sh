#!/bin/sh
# Gives the functions of each right (function-keys.txt) a key by the right's name, the same on all of them: it opens these and no others.
# azd runs this after each deployment, when the functions are there. Keys that are there stay, and none is shown.
# A right's name as the argument gives that right a new key.
set -eu
list=$(dirname "$0")/function-keys.txt
: "${AZURE_SUBSCRIPTION_ID:?is not set: run this by azd hooks run postdeploy}"
: "${AZURE_RESOURCE_GROUP:?is not set: run this by azd hooks run postdeploy}"
: "${AZURE_FUNCTION_APP_NAME:?is not set: run this by azd hooks run postdeploy}"
# National clouds have other addresses.
functions=${AZURE_MANAGEMENT_ADDRESS:-https://management.azure.com}/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$AZURE_RESOURCE_GROUP
functions=$functions/providers/Microsoft.Web/sites/$AZURE_FUNCTION_APP_NAME/functions
renewed=${1:-}
if [ -n "$renewed" ] && ! grep -q "^$renewed " "$list"; then
  echo "There is no right $renewed. The rights are: $(cut -d ' ' -f 1 "$list" | sort -u | tr '\n' ' ')" >&2
  exit 1
fi

token=$(azd auth token --output json | tr -d '\n' | sed -n 's/.*"token" *: *"\([^"]*\)".*/\1/p')
if [ -z "$token" ]; then
  echo "azd is not signed in. Run azd auth login, then azd hooks run postdeploy." >&2
  exit 1
fi

# call METHOD PATH BODY. What is secret goes by standard input: lists of processes show arguments. Functions that were deployed a moment
# ago may not be known yet.
call() {
  curl --config - <<END || { echo "The keys could not be set. Run azd hooks run postdeploy to try again." >&2; return 1; }
silent
show-error
fail
retry = ${KEYS_RETRIES:-12}
retry-all-errors
retry-delay = 5
request = $1
url = "$functions/$2?api-version=2025-03-01"
header = "Authorization: Bearer $token"
header = "Content-Type: application/json"
data = "$3"
END
}

# key_of FUNCTION RIGHT
key_of() {
  keys=$(call POST "$1/listkeys" "") || return 1
  printf '%s' "$keys" | tr -d '\n' | sed -n "s/.*\"$2\" *: *\"\([^\"]*\)\".*/\1/p"
}

for right in $(cut -d ' ' -f 1 "$list" | sort -u); do
  members=$(sed -n "s/^$right //p" "$list" | tr -d '\r')
  key=
  if [ "$right" != "$renewed" ]; then
    for function in $members; do
      key=$(key_of "$function" "$right")
      if [ -n "$key" ]; then break; fi
    done
  fi

  if [ -z "$key" ]; then key=$(od -An -v -N 32 -t x1 /dev/urandom | tr -d ' \n'); fi
  for function in $members; do
    current=$(key_of "$function" "$right")
    if [ "$current" != "$key" ]; then
      call PUT "$function/keys/$right" "{\\\"properties\\\":{\\\"name\\\":\\\"$right\\\",\\\"value\\\":\\\"$key\\\"}}" > /dev/null
      echo "$function: the key $right is set."
    fi
  done
done
