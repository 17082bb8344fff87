package pause

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestItWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if !For(ctx, time.Second) || time.Since(began) != time.Second {
			t.Errorf("waited %s, want 1 s", time.Since(began))
		}
		if For(ctx, time.Hour) || time.Since(began) != 3*time.Second {
			t.Errorf("waited %s in all, and the context ended after 3 s", time.Since(began))
		}
	})
}
