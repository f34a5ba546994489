package op

func (g *groupAggregate) isLive(id uint32) bool { return int(id) < len(g.live) && g.live[id] }

// renew forgets what has expired of the groups of a round, before it is worked through.
func (g *groupAggregate) renew() error {
	if !g.expiry.on() {
		return nil
	}
	dead := g.expiry.write(g.touched, g.isLive)
	if err := g.accs.ForgetOnDisk(dead); err != nil {
		return err
	}
	g.leave(dead)
	return nil
}

func (g *groupAggregate) leave(ids []uint32) {
	if len(ids) == 0 {
		return
	}
	g.accs.Reset(ids)
	for _, id := range ids {
		g.live[id] = false
		if g.node.InputRetract {
			g.rows[id] = 0
		}
	}
}
