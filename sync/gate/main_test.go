package gate

import (
	"testing"

	"passerelle/store/postgres/postgrestest"
)

// With PASSERELLE_TEST_ENGINE=postgres the walks are walked on PostgreSQL.
func TestMain(m *testing.M) { postgrestest.Main(m) }
