#!/bin/sh
# Rolls out the version given, and waits until it serves.
set -eu
kubectl --namespace shop set image deployment/checkout "checkout=ghcr.io/shop/checkout:$1"
kubectl --namespace shop rollout status deployment/checkout --timeout=5m
