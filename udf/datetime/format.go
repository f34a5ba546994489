package datetime

import (
	"strconv"

	"github.com/weirstream/weir/runtime/civil"
)

// AppendIntervalMonths writes +years-months.
func AppendIntervalMonths(dst []byte, months int64) []byte {
	dst, m := appendSign(dst, months)
	dst = strconv.AppendUint(dst, m/12, 10)
	dst = append(dst, '-')
	return civil.AppendTwo(dst, int(m%12))
}

// AppendIntervalMillis writes +days HH:mm:ss.SSS.
func AppendIntervalMillis(dst []byte, ms int64) []byte {
	dst, u := appendSign(dst, ms)
	dst = strconv.AppendUint(dst, u/MillisPerDay, 10)
	dst = append(dst, ' ')
	rest := int64(u % MillisPerDay)
	return civil.AppendTime(dst, rest/1000, rest%1000*1e6, 3)
}

func appendSign(dst []byte, x int64) ([]byte, uint64) {
	if x < 0 {
		return append(dst, '-'), -uint64(x)
	}
	return append(dst, '+'), uint64(x)
}
