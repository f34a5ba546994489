// Starts kinesalite on loopback and tells its address.
import kinesalite from 'kinesalite';
const server = kinesalite({ ssl: false, createStreamMs: 50, deleteStreamMs: 50, updateStreamMs: 50, shardLimit: 100 });
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
